package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.app.options.ThreadsOption;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.checkpoint.gguf.GgufTensor;
import dev.lengthwise.checkpoint.gguf.GgufTypes;
import dev.lengthwise.checkpoint.gguf.GgufWriter;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.family.GgufExport;
import dev.lengthwise.family.GgufParts;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.report.Progress;
import dev.lengthwise.runtime.OpenModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `quantize`: a GGUF file of a model, with weights of another type.
@Command(
    name = "quantize",
    description =
        "Writes a model of a family that llama.cpp has as a GGUF file, its weights stored as"
            + " another type.",
    mixinStandardHelpOptions = true)
public final class QuantizeCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "IN", description = "File, folder, hub id or bundled name.")
  private String in = "";

  @Parameters(index = "1", paramLabel = "OUT.gguf", description = "File to write.")
  private Path out = Path.of("");

  @Mixin private RevisionOption revision = new RevisionOption();

  @Option(
      names = "--type",
      required = true,
      paramLabel = "TYPE",
      description = "Type of the weights: ${COMPLETION-CANDIDATES}.")
  private Types type = Types.Q8_0;

  @Mixin private ThreadsOption threads = new ThreadsOption();

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  /// The types of files, under llama.cpp's names.
  enum Types {
    Q8_0,
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q4_K,
    Q5_K,
    Q6_K,
    IQ4_NL,
    IQ4_XS,
    MXFP4,
    Q3_K,
    Q2_K,
    TQ2_0,
    TQ1_0,
    BF16,
    F16,
    F32;

    DataType dataType() {
      return DataType.valueOf(name());
    }
  }

  @Override
  public Integer call() {
    Usage.require(
        out.toString().toLowerCase(Locale.ROOT).endsWith(".gguf"),
        "The output must be named *.gguf, found '" + out + "'");
    Path model = revision.resolve(in);
    try (Checkpoint checkpoint = Checkpoints.open(model);
        Workers workers = new Workers(threads.count())) {
      Usage.apart(out, List.of(checkpoint.path()));
      GgufParts parts = GgufExport.of(checkpoint, OpenModel::declared);
      requireLoads(model, workers);
      write(parts, workers);
      requireLoadsOrDelete(workers);
    }
    System.out.println(out);
    return 0;
  }

  private void requireLoadsOrDelete(Workers workers) {
    try {
      requireLoads(out, workers);
    } catch (LengthwiseException unusable) {
      try {
        Files.delete(out);
      } catch (IOException kept) {
        unusable.addSuppressed(kept);
      }
      throw unusable;
    }
  }

  // What no other command would run is no model to quantise, and no result to keep silent about. A
  // model may have no tokenizer, but no damaged one.
  private static void requireLoads(Path model, Workers workers) {
    try (LoadedModel loaded = ModelLoader.load(model, OpenModel::declared, null, workers)) {
      if (TokenizerFinder.isThere(loaded)) {
        TokenizerFinder.of(loaded);
      }
    }
  }

  private void write(GgufParts parts, Workers workers) {
    GgufTypes types = new GgufTypes(type.dataType());
    List<GgufTensor> tensors =
        parts.tensors().stream()
            .map(part -> new GgufTensor(part.name(), types.of(part.source()), part.source()))
            .toList();
    GgufMetadata metadata =
        parts
            .metadata()
            .putWhole("general.file_type", types.fileType())
            .putWhole("general.quantization_version", GgufTypes.QUANTIZATION_VERSION);
    try (Progress progress = Progress.standardError(quiet)) {
      progress.start("quantize", tensors.size());
      int[] done = {0};
      new GgufWriter(workers, _ -> progress.advance(done[0]++)).write(out, metadata, tensors);
    }
    parts.remarks().forEach(System.err::println);
    sayFallbacks(tensors);
    sayTwice(tensors);
  }

  private void sayFallbacks(List<GgufTensor> tensors) {
    Map<DataType, Long> fallbacks =
        tensors.stream()
            .filter(tensor -> isMatrix(tensor) && tensor.type() != type.dataType())
            .collect(Collectors.groupingBy(GgufTensor::type, TreeMap::new, Collectors.counting()));
    fallbacks.forEach(
        (fallback, count) ->
            System.err.println(
                "%d tensors are stored as %s: their rows are not whole blocks of %d, as %s needs."
                    .formatted(
                        count,
                        lower(fallback),
                        type.dataType().blockSize(),
                        lower(type.dataType()))));
  }

  private void sayTwice(List<GgufTensor> tensors) {
    long twice =
        tensors.stream()
            .filter(tensor -> tensor.source().type().quantised().isPresent())
            .filter(tensor -> tensor.source().type() != tensor.type())
            .count();
    if (twice > 0) {
      System.err.println(
          "%d tensors of the input were already quantised, and quantising again loses more; an input of f32, f16 or bf16 gives a better file."
              .formatted(twice));
    }
  }

  private static boolean isMatrix(GgufTensor tensor) {
    return tensor.source().shape().length > 1;
  }

  private static String lower(DataType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
