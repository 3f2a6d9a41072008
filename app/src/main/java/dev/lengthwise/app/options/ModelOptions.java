package dev.lengthwise.app.options;

import dev.lengthwise.Model;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.ModelSettings.Arithmetic;
import dev.lengthwise.runtime.ModelSettings.Engine;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Options of every command that opens a model.
public final class ModelOptions {

  /// File, folder, hub id or bundled name.
  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description =
          "File, folder, hub id (org/name, from the local hub cache) or bundled name; default: "
              + Home.BUNDLED_MODEL
              + ".")
  public String model = Home.BUNDLED_MODEL;

  /// Which revision of a hub id.
  @Mixin public RevisionOption revision = new RevisionOption();

  /// Tokens that the model was trained at, where the user says so.
  @Option(
      names = {"--trained-length", "--yarn-orig-ctx"},
      paramLabel = "N",
      description = "Tokens the model was trained at, in place of what the checkpoint says.")
  @Nullable Long trainedLength;

  /// Threads to compute with.
  @Mixin public ThreadsOption threads = new ThreadsOption();

  /// Most tokens of a prompt that run at once.
  @Option(
      names = {"-b", "--batch-size"},
      paramLabel = "N",
      description = "Most tokens of a prompt that run at once (default ${DEFAULT-VALUE}).")
  public int batch = 512;

  /// Arithmetic of matrix products; `null` where the weights decide.
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "Arithmetic of matrix products: ${COMPLETION-CANDIDATES}; default: BF16 for quantised"
              + " weights on processors that multiply it, else F32.")
  public @Nullable Arithmetic dtype;

  /// Whether weights are copied, 16 rows side by side.
  @Option(
      names = "--repack",
      paramLabel = "WHETHER",
      description =
          "Copy quantised weights (Q4_0, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4; Q8_0 with"
              + " --activations Q8 and kernels in C), 16 rows side by side, when up to 16 tokens at"
              + " once first need them: ${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE})."
              + " Faster, for as much memory as they take in the file.")
  public Switch repack = Switch.ON;

  /// How exact activations are in products of few tokens with copied weights, where the user says
  /// so.
  @Option(
      names = "--activations",
      paramLabel = "TYPE",
      description =
          "Activations of up to 16 tokens at once, in products with copies (--repack):"
              + " ${COMPLETION-CANDIDATES}. Q8, whole numbers of 8 bits in blocks of 32, is faster"
              + " and not exact: the default of serve. MIXED is Q8 but for weights of Q8_0, which"
              + " one text at a time reads as quickly without a copy: the default of generate,"
              + " chat, plan and bench. F32 is that of commands that measure. Q8_0, IQ4_NL, IQ4_XS"
              + " and MXFP4 are multiplied with whole numbers by the kernels in C only (Linux on"
              + " x86-64).")
  public @Nullable ActivationPrecision activations;

  /// Type of keys and values in the cache, where the user says so.
  @Option(
      names = {"-ctk", "-ctv", "--cache-type"},
      paramLabel = "TYPE",
      description =
          "Type of keys and values in the cache: ${COMPLETION-CANDIDATES}. Default: BF16 where"
              + " activations are rounded (--activations), F32 elsewhere.")
  public @Nullable CacheType cacheType;

  /// Where to compute.
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      converter = DeviceConverter.class,
      description =
          "Where to compute (default ${DEFAULT-VALUE}): cpu, or cuda, cuda:1, …, which runs on"
              + " libtorch.")
  public ComputeDevice device = ComputeDevice.CPU;

  /// What runs attention.
  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description = "What executes attention plans: ${COMPLETION-CANDIDATES}.")
  public Engine engine = Engine.VECTOR;

  /// Whether something is done.
  public enum Switch {
    ON,
    OFF
  }

  private final ActivationPrecision usual;

  /// Options of a command that measures: activations stay as they are.
  public ModelOptions() {
    this(ActivationPrecision.F32);
  }

  private ModelOptions(ActivationPrecision usual) {
    this.usual = usual;
  }

  /// Options of a command that writes a text: activations are whole numbers where weights are
  /// copied (decision 0016).
  public static ModelOptions forTexts() {
    return new ModelOptions(ActivationPrecision.MIXED);
  }

  /// Options of a command that writes several texts at once: they share copies of Q8_0, too.
  public static ModelOptions forManyTexts() {
    return new ModelOptions(ActivationPrecision.Q8);
  }

  private ActivationPrecision precision() {
    if (activations != null) {
      return activations;
    }
    return repack == Switch.ON && engine == Engine.VECTOR && !device.isCuda()
        ? usual
        : ActivationPrecision.F32;
  }

  /// Takes the model from an argument of the command, as `--model` does.
  public void name(String argument) {
    Usage.require(
        model.equals(Home.BUNDLED_MODEL) || model.equals(argument),
        "The model is named twice, as " + argument + " and " + model + "; name one");
    model = argument;
  }

  /// The same options for another model, whose trained length is what its checkpoint says.
  public ModelOptions of(String other) {
    ModelOptions options = new ModelOptions(usual);
    options.model = other;
    options.threads = threads;
    options.batch = batch;
    options.dtype = dtype;
    options.repack = repack;
    options.activations = activations;
    options.cacheType = cacheType;
    options.device = device;
    options.engine = engine;
    return options;
  }

  /// Opens the model.
  public OpenModel open() {
    OpenModel open = OpenModel.open(path(), settings(), System.err::println);
    warnOfExact(model, open.activations());
    return open;
  }

  /// Opens the model for writing texts.
  public Model openForTexts() {
    Model open = Model.open(path(), settings(), System.err::println);
    warnOfExact(model, open.activations());
    return open;
  }

  /// Says why activations stay exact: who asked for speed and gets none wants to know.
  ///
  /// @param name of the model that was opened
  public void warnOfExact(String name, ActivationPrecision used) {
    if (asksToRound() && used == ActivationPrecision.F32) {
      System.err.println(
          "--activations %s changes nothing: %s"
              .formatted(
                  activations,
                  VectorWidth.vectorised()
                      ? "no weight of " + name + " is of a type that is multiplied so here"
                      : "it needs vectors"));
    }
  }

  /// The file or folder of the model.
  public Path path() {
    Usage.positive(batch, "--batch-size");
    return revision.resolve(model);
  }

  private boolean asksToRound() {
    return activations != null && activations != ActivationPrecision.F32;
  }

  /// How the model is opened and run, without its revision.
  public ModelSettings settings() {
    trainedLength().ifPresent(length -> Usage.length(length, "--trained-length"));
    Usage.require(
        !asksToRound() || repack == Switch.ON,
        "--activations "
            + activations
            + " computes on the copies that --repack OFF leaves out; give only one");
    Usage.require(
        !asksToRound() || (engine != Engine.TORCH && !device.isCuda()),
        "--activations "
            + activations
            + " is of the kernels for processors, and --engine TORCH and --device cuda compute on"
            + " libtorch; give only one");
    return Usage.checked(
        () ->
            new ModelSettings(
                Optional.empty(),
                trainedLength(),
                threads(),
                Optional.ofNullable(dtype),
                repack == Switch.ON,
                precision(),
                Optional.ofNullable(cacheType),
                device.toString(),
                engine));
  }

  /// Tokens that the model was trained at, where the user says so.
  public OptionalLong trainedLength() {
    return trainedLength == null ? OptionalLong.empty() : OptionalLong.of(trainedLength);
  }

  /// Threads to compute with: those asked for, or one a processor.
  public int threads() {
    return threads.count();
  }
}
