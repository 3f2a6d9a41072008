package dev.lengthwise.app.command;

import dev.lengthwise.app.options.EncoderOptions;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.encode.StoredRecall;
import dev.lengthwise.encode.VectorType;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.io.NpyWriter;
import dev.lengthwise.runtime.OpenModel;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `embed`: vectors of texts, as lines of JSON or as a matrix of numpy.
@Command(
    name = "embed",
    description = "Makes vectors of texts with an encoder, or with a decoder's last token.",
    mixinStandardHelpOptions = true)
public final class EmbedCommand implements Callable<Integer> {

  private static final int TEXTS_AT_ONCE = 1024;
  private static final int COMPARED = 1000;
  private static final int NEAREST = 10;
  private static final String NUMPY = ".npy";

  @Mixin private EncoderOptions encoding = new EncoderOptions();

  @Parameters(arity = "0..*", paramLabel = "TEXT", description = "Texts.")
  private List<String> texts = new ArrayList<>();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description =
          "File of texts: each line of .txt, .jsonl or .ndjson[.gz|.zst] is one, and each document"
              + " of .json; - is standard input; may be given several times.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description = "Field of JSON lines that holds the text (default ${DEFAULT-VALUE}).")
  private String field = "text";

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "How numbers are stored: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}). What fewer"
              + " bits cost is said on standard error.")
  private VectorType type = VectorType.F32;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "File to write: .npy is a matrix, any other name JSON lines; default: stdout.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    List<String> all = allTexts();
    if (out != null) {
      Usage.apart(out, files);
    }
    Usage.require(!all.isEmpty(), "embed needs texts; name them, or files of them with -f");
    try (OpenModel open = encoding.open()) {
      Encoder encoder = encoding.encoder(open);
      String prompt = encoding.prompt(encoder);
      write(encoder, prompt, all);
    }
    return 0;
  }

  private List<String> allTexts() {
    List<String> all = new ArrayList<>(texts);
    all.addAll(TextOptions.lines(files, field));
    return all;
  }

  /// Takes vectors in the order of their texts.
  @FunctionalInterface
  private interface Sink {
    void accept(int index, float[] vector) throws IOException;
  }

  private void write(Encoder encoder, String prompt, List<String> all) throws IOException {
    Path target = out;
    if (target == null) {
      run(encoder, prompt, all, (index, vector) -> System.out.println(line(index, vector)));
    } else if (target.toString().endsWith(NUMPY)) {
      AtomicFile.write(target, channel -> writeMatrix(encoder, prompt, all, channel));
    } else {
      AtomicFile.writeText(target, writer -> writeLines(encoder, prompt, all, writer));
    }
  }

  private void writeLines(Encoder encoder, String prompt, List<String> all, Writer writer)
      throws IOException {
    run(encoder, prompt, all, (index, vector) -> writer.write(line(index, vector) + "\n"));
  }

  private void writeMatrix(Encoder encoder, String prompt, List<String> all, FileChannel channel)
      throws IOException {
    NpyWriter matrix =
        switch (type) {
          case F32 -> new NpyWriter(channel, "<f4", all.size(), encoder.size());
          case INT8 -> new NpyWriter(channel, "|i1", all.size(), encoder.size());
          case BINARY ->
              new NpyWriter(
                  channel, "|u1", all.size(), type.bytes(new float[encoder.size()]).length);
        };
    run(
        encoder,
        prompt,
        all,
        (_, vector) -> {
          if (type == VectorType.F32) {
            matrix.row(vector);
          } else {
            matrix.row(type.bytes(vector));
          }
        });
  }

  // Some texts at a time, so that memory does not grow with their number.
  private void run(Encoder encoder, String prompt, List<String> all, Sink sink) throws IOException {
    List<float[]> compared = new ArrayList<>();
    for (int from = 0; from < all.size(); from += TEXTS_AT_ONCE) {
      int until = Math.min(all.size(), from + TEXTS_AT_ONCE);
      List<float[]> vectors = encoder.encode(all.subList(from, until), prompt);
      for (int n = 0; n < vectors.size(); n++) {
        sink.accept(from + n, vectors.get(n));
      }
      vectors.stream().limit(COMPARED - compared.size()).forEach(compared::add);
    }
    if (type != VectorType.F32 && compared.size() > NEAREST) {
      StoredRecall loss = StoredRecall.of(compared, type, NEAREST);
      System.err.printf(
          Locale.ROOT,
          "%s keeps %.1f %% of the %d nearest of %d vectors%n",
          type.name().toLowerCase(Locale.ROOT),
          100 * loss.recall(),
          loss.nearest(),
          loss.vectors());
    }
  }

  private String line(int index, float[] vector) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("index", index);
    switch (type) {
      case F32 -> line.put("vector", vector);
      case INT8 -> {
        line.put("scale", VectorType.scale(vector));
        line.put("vector", numbers(type.bytes(vector), Byte.MIN_VALUE));
      }
      case BINARY -> line.put("bits", numbers(type.bytes(vector), 0));
    }
    return JsonFile.line(line);
  }

  // Signed or unsigned bytes; an array of bytes itself would be written as Base64.
  private static int[] numbers(byte[] bytes, int least) {
    return IntStream.range(0, bytes.length)
        .map(n -> least < 0 ? bytes[n] : Byte.toUnsignedInt(bytes[n]))
        .toArray();
  }
}
