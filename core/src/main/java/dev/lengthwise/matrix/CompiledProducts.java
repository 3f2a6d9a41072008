package dev.lengthwise.matrix;

import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.parallel.VectorWidth;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Products of [RowGroups] with activations of 8 bits that are compiled from C
/// (`src/main/c/kernels.c`): they use instructions which multiply and add bytes, and which the
/// Vector API does not have. Several tokens share what unpacks the weights.
///
/// Results are those of [GroupIntegers] to the bit. The library is there for Linux on x86-64 where
/// the build found GCC; the processor needs AVX2 at least.
final class CompiledProducts {

  /// System property: `false` leaves the library out.
  static final String PROPERTY = "lengthwise.compiledKernels";

  private static final String RESOURCE = "linux-x86_64/liblengthwise-kernels.so";
  private static final String TEMPORARY = "java.io.tmpdir";
  private static final Loaded LOADED =
      Boolean.parseBoolean(System.getProperty(PROPERTY, "true")) ? open() : Loaded.NOTHING;

  private final Library library;
  private final int bits;

  private CompiledProducts(Library library, int bits) {
    this.library = library;
    this.bits = bits;
  }

  /// Those of vectors as wide as all kernels have them; empty where there is no library, or none
  /// for this processor.
  static Optional<CompiledProducts> best() {
    return ofBits(VectorWidth.bits());
  }

  /// Those of vectors of so many bits at most.
  static Optional<CompiledProducts> ofBits(int most) {
    return LOADED.ofBits(most);
  }

  /// One sentence for the user where the library is there and cannot be used.
  static Optional<String> warning() {
    return LOADED
        .complaint()
        .map(
            """
            The kernels in C are not used: %s. Those in Java take their place, which are slower; \
            Q8_0, IQ4_NL, IQ4_XS and MXFP4 have f32 activations.\
            """
                ::formatted);
  }

  /// Rounds tokens, into memory of a thread's scratch.
  RoundedTokens round(GroupLayout layout, FloatRows rows, Scratch scratch) {
    long bytes = library.tokenBytes(rows.columns());
    MemorySegment tokens = scratch.tokens(layout, bytes * rows.count());
    for (int token = 0; token < rows.count(); token++) {
      library.round(
          bits,
          number(layout),
          rows.memory().asSlice(rows.addressOf(token) - rows.memory().address()),
          rows.columns(),
          tokens.asSlice(token * bytes));
    }
    return (groups, first, count, sums, own) ->
        library.products(
            bits,
            number(layout),
            groups.data().asSlice(groups.addressOf(first) - groups.data().address()),
            count,
            rows.columns(),
            tokens,
            rows.count(),
            MemorySegment.ofArray(sums));
  }

  // As `kernels.c` numbers them.
  private static int number(GroupLayout layout) {
    return switch (layout) {
      case Q4_0 -> 0;
      case Q4_K -> 1;
      case Q5_K -> 2;
      case Q6_K -> 3;
      case IQ4_NL -> 4;
      case IQ4_XS -> 5;
      case MXFP4 -> 6;
      case Q8_0 -> 7;
    };
  }

  private static Loaded open() {
    boolean supported =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    try (InputStream library = supported ? resource("") : null;
        InputStream checksum = library == null ? null : resource(".sha256")) {
      return library == null
          ? Loaded.NOTHING
          : load(
              library.readAllBytes(),
              checksum == null ? "" : new String(checksum.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return Loaded.failed(FileReason.of(e));
    }
  }

  private static @Nullable InputStream resource(String suffix) {
    return CompiledProducts.class.getResourceAsStream(RESOURCE + suffix);
  }

  /// Loads a library. The system would end the process for one that is cut off, so its checksum is
  /// compared first.
  ///
  /// @param checksum SHA-256 that the build wrote
  @SuppressWarnings("restricted") // our own library
  static Loaded load(byte[] library, String checksum) {
    if (!Sha256.of(library).equals(checksum.strip())) {
      return Loaded.failed("their library is damaged, build the project anew");
    }
    try {
      Path file = Files.createTempFile("lengthwise-kernels", ".so");
      try {
        Files.write(file, library);
        SymbolLookup symbols = SymbolLookup.libraryLookup(file, Arena.global());
        return new Loaded(Optional.of(Library.of(symbols)), Optional.empty());
      } finally {
        // The system keeps what is loaded; the file is not needed any more.
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      return Loaded.failed(unplaced(FileReason.of(e)));
    } catch (RuntimeException e) {
      return Loaded.failed(unplaced(Objects.requireNonNullElse(e.getMessage(), e.toString())));
    }
  }

  private static String unplaced(String reason) {
    return """
    their library cannot be put into %s and loaded from there (%s); %s=DIR names another, \
    from which programs may be run\
    """
        .formatted(System.getProperty(TEMPORARY), reason, "-D" + TEMPORARY);
  }

  /// What became of the library: neither it nor a complaint where there is none for this machine.
  ///
  /// @param library its functions
  /// @param complaint why it is not used
  record Loaded(Optional<Library> library, Optional<String> complaint) {

    private static final Loaded NOTHING = new Loaded(Optional.empty(), Optional.empty());

    private static Loaded failed(String reason) {
      return new Loaded(Optional.empty(), Optional.of(reason));
    }

    private Optional<CompiledProducts> ofBits(int most) {
      int bits = Math.min(most, library.map(Library::vectorBits).orElse(0));
      return library
          .filter(_ -> bits >= 256)
          .map(functions -> new CompiledProducts(functions, bits));
    }
  }

  // The functions of the library. Calls do not change their thread's state, so garbage collections
  // wait for them. One takes as long as a task: some 10 µs with one token, some 100 with 16.
  record Library(
      int vectorBits, MethodHandle tokenBytes, MethodHandle round, MethodHandle products) {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    static Library of(SymbolLookup symbols) {
      MethodHandle bits = handle(symbols, "lengthwise_vector_bits", FunctionDescriptor.of(INT));
      try {
        return new Library(
            (int) bits.invokeExact(),
            handle(
                symbols,
                "lengthwise_token_bytes",
                FunctionDescriptor.of(ValueLayout.JAVA_LONG, INT)),
            handle(
                symbols,
                "lengthwise_round",
                FunctionDescriptor.ofVoid(INT, INT, ValueLayout.ADDRESS, INT, ValueLayout.ADDRESS)),
            handle(
                symbols,
                "lengthwise_products",
                FunctionDescriptor.ofVoid(
                    INT,
                    INT,
                    ValueLayout.ADDRESS,
                    INT,
                    INT,
                    ValueLayout.ADDRESS,
                    INT,
                    ValueLayout.ADDRESS)));
      } catch (Throwable e) {
        throw thrown(e);
      }
    }

    @SuppressWarnings("restricted") // functions of our own library
    private static MethodHandle handle(
        SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
      return Linker.nativeLinker()
          .downcallHandle(symbols.findOrThrow(name), descriptor, Linker.Option.critical(true));
    }

    private static RuntimeException thrown(Throwable e) {
      switch (e) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        default -> throw new IllegalStateException("functions in C throw nothing", e);
      }
    }

    long tokenBytes(int columns) {
      try {
        return (long) tokenBytes.invokeExact(columns);
      } catch (Throwable e) {
        throw thrown(e);
      }
    }

    void round(int bits, int layout, MemorySegment input, int columns, MemorySegment token) {
      try {
        round.invokeExact(bits, layout, input, columns, token);
      } catch (Throwable e) {
        throw thrown(e);
      }
    }

    void products(
        int bits,
        int layout,
        MemorySegment groups,
        int rows,
        int columns,
        MemorySegment tokens,
        int count,
        MemorySegment sums) {
      try {
        products.invokeExact(bits, layout, groups, rows, columns, tokens, count, sums);
      } catch (Throwable e) {
        throw thrown(e);
      }
    }
  }
}
