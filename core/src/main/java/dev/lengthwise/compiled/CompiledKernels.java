package dev.lengthwise.compiled;

import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.parallel.VectorWidth;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The library of kernels that are compiled from C (`src/main/c/kernels.c`), at one width of
/// vectors. It is there for Linux on x86-64 where the build found GCC; the processor needs AVX2
/// at least.
///
/// Each of its functions has a twin in Java with the same results to the bit (attention, norms
/// and products of floats: that of the same width). The first argument of those that have vectors
/// of two widths is [#bits()].
public final class CompiledKernels {

  /// System property: `false` leaves the library out.
  static final String PROPERTY = "lengthwise.compiledKernels";

  private static final String RESOURCE = "linux-x86_64/liblengthwise-kernels.so";
  private static final String TEMPORARY = "java.io.tmpdir";
  private static final Loaded LOADED =
      Boolean.parseBoolean(System.getProperty(PROPERTY, "true")) ? open() : Loaded.NOTHING;

  private final SymbolLookup library;
  private final int bits;

  private CompiledKernels(SymbolLookup library, int bits) {
    this.library = library;
    this.bits = bits;
  }

  /// Those of vectors as wide as all kernels have them; empty where there is no library, or none
  /// for this processor.
  public static Optional<CompiledKernels> best() {
    return ofBits(VectorWidth.bits());
  }

  /// Those of vectors of just the width of the kernels in Java, for sums that depend on it: a text
  /// goes through both.
  public static Optional<CompiledKernels> ofSameWidth() {
    return best().filter(kernels -> kernels.bits == VectorWidth.bits());
  }

  /// Those of vectors of so many bits at most.
  public static Optional<CompiledKernels> ofBits(int most) {
    return LOADED.ofBits(most);
  }

  /// One sentence for the user where the library is there and cannot be used.
  public static Optional<String> warning() {
    return LOADED
        .complaint()
        .map(
            """
            The kernels in C are not used: %s. Those in Java take their place, which are slower; \
            activations of Q8_0, IQ4_NL, IQ4_XS and MXFP4 are then always f32.\
            """
                ::formatted);
  }

  /// Bits of a vector.
  public int bits() {
    return bits;
  }

  /// A function of the library, to be called with `invokeExact`. A call does not change the state
  /// of its thread, so garbage collections wait for it: it must be short. Arrays may be arguments.
  public MethodHandle function(String name, FunctionDescriptor descriptor) {
    return function(library, name, descriptor);
  }

  @SuppressWarnings("restricted") // functions of our own library
  private static MethodHandle function(
      SymbolLookup library, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), descriptor, Linker.Option.critical(true));
  }

  /// What a call of a function threw, which itself throws nothing.
  public static RuntimeException thrown(Throwable e) {
    switch (e) {
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      default -> throw new IllegalStateException("functions in C throw nothing", e);
    }
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
    return CompiledKernels.class.getResourceAsStream(RESOURCE + suffix);
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
        return Loaded.of(SymbolLookup.libraryLookup(file, Arena.global()));
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
  /// @param widest bits of the widest vectors that it has for this processor
  /// @param complaint why it is not used
  record Loaded(Optional<SymbolLookup> library, int widest, Optional<String> complaint) {

    private static final Loaded NOTHING = new Loaded(Optional.empty(), 0, Optional.empty());

    private static Loaded failed(String reason) {
      return new Loaded(Optional.empty(), 0, Optional.of(reason));
    }

    private static Loaded of(SymbolLookup library) {
      MethodHandle bits =
          function(library, "lengthwise_vector_bits", FunctionDescriptor.of(ValueLayout.JAVA_INT));
      try {
        return new Loaded(Optional.of(library), (int) bits.invokeExact(), Optional.empty());
      } catch (Throwable e) {
        throw thrown(e);
      }
    }

    private Optional<CompiledKernels> ofBits(int most) {
      int bits = Math.min(most, widest);
      return library
          .filter(_ -> bits >= 256)
          .map(functions -> new CompiledKernels(functions, bits));
    }
  }
}
