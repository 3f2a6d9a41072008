package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.evaluate.Subject;
import dev.lengthwise.family.EndTokens;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.Precision;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Nope;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.Compatibility;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.tokenizer.IdTokenizer;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.OptionalLong;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The model of one command, with what runs it.
public final class OpenModel implements AutoCloseable {

  private final LoadedModel loaded;
  private final ModelShape shape;
  private final ModelOptions options;
  private final Workers workers;
  private final Attention engine;
  private @Nullable Tokenizer tokenizer;

  private OpenModel(LoadedModel loaded, ModelOptions options, Workers workers) {
    this.loaded = loaded;
    this.options = options;
    this.shape = shape(loaded.spec(), options);
    this.workers = workers;
    this.engine = engine(options, workers);
  }

  /// What position methods see: the model, with the trained length of the options.
  public static ModelShape shape(ModelSpec spec, ModelOptions options) {
    return options.trainedLength().isPresent()
        ? spec.shape().withTrainedLength(options.trainedLength().getAsLong())
        : spec.shape();
  }

  /// The engine that the options name.
  public static Attention engine(ModelOptions options, Workers workers) {
    if (options.device.isCuda()) {
      return new TorchAttention(options.device);
    }
    return switch (options.engine) {
      case VECTOR -> new VectorAttention(workers);
      case TORCH -> new TorchAttention();
      case REFERENCE -> new ReferenceAttention();
    };
  }

  /// Opens the model that the options name.
  public static OpenModel open(ModelOptions options) {
    check(options);
    options.device.require();
    Path path = new ModelPaths(Home.find(), options.revision).resolve(options.model);
    VectorWidth.warning().ifPresent(System.err::println);
    Workers workers = new Workers(options.threads());
    try {
      LoadedModel loaded =
          isDense(options)
              ? ModelLoader.loadDense(
                  path, OpenModel::declared, precision(options.dtype), workers, options.device)
              : ModelLoader.load(
                  path, OpenModel::declared, precision(options.dtype), products(options, workers));
      torch.set_num_threads(options.threads());
      return new OpenModel(loaded, options, workers);
    } catch (RuntimeException | Error e) {
      workers.close();
      throw e;
    }
  }

  /// Complains about options that make no sense, whatever the model and the machine are.
  public static void check(ModelOptions options) {
    Usage.positive(options.threads(), "--threads");
    Usage.positive(options.batch, "--batch-size");
    options.trainedLength().ifPresent(length -> Usage.length(length, "--trained-length"));
    checkDevice(options);
  }

  /// What multiplies weights as they are stored.
  public static MatrixProducts products(ModelOptions options, Workers workers) {
    return new MatrixProducts(workers, options.repacks());
  }

  /// Whether weights become tensors: a GPU needs them, and the engine of libtorch reads them best.
  public static boolean isDense(ModelOptions options) {
    return options.device.isCuda() || options.engine == ModelOptions.Engines.TORCH;
  }

  private static void checkDevice(ModelOptions options) {
    if (!options.device.isCuda()) {
      return;
    }
    Usage.require(
        options.engine != ModelOptions.Engines.REFERENCE,
        "--engine reference computes on cpu, not on " + options.device);
    Usage.require(
        options.cacheType != CacheType.Q8_0,
        "--cache-type q8_0 is of the kernels for processors; on "
            + options.device
            + " keys and values are f32 or bf16");
  }

  /// The arithmetic that was asked for; `null` where the file decides.
  public static @Nullable Precision precision(ModelOptions.@Nullable Precisions wanted) {
    return switch (wanted) {
      case null -> null;
      case F32 -> Precision.F32;
      case BF16 -> Precision.BF16;
    };
  }

  /// The method that a checkpoint declares, from its text. A declaration stands alone: there is
  /// nothing that it could refer to as declared.
  public static PositionMethod declared(MethodValue value, ModelShape shape) {
    return new MethodParser(shape, shape.hasRotary() ? new Rope() : new Nope()).method(value);
  }

  /// The engine that runs: libtorch's where the chosen one cannot run some layer.
  public ModelOptions.Engines engineThatRuns() {
    Attention running = InferenceModel.engineFor(spec(), engine);
    return running == engine ? options.engine : ModelOptions.Engines.TORCH;
  }

  /// The threads that the engine shares its work among.
  public Workers workers() {
    return workers;
  }

  /// What the loader found.
  public LoadedModel loaded() {
    return loaded;
  }

  /// Its name, for reports.
  public String name() {
    return loaded.name();
  }

  /// Its shape and its layers.
  public ModelSpec spec() {
    return loaded.spec();
  }

  /// What position methods see: the model, with the trained length of the options.
  public ModelShape shape() {
    return shape;
  }

  /// The tokenizer of the model, opened when it is first needed.
  public Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = TokenizerFinder.of(loaded);
    }
    return tokenizer;
  }

  /// The tokenizer of the model, for texts that ids could take the place of.
  ///
  /// @param instead how to give ids, for the message where there is no tokenizer
  public Tokenizer tokenizerElse(String instead) {
    if (!TokenizerFinder.isThere(loaded)) {
      throw new LengthwiseException(
          "The model %s has no tokenizer, which texts need; copy its tokenizer.json or tokenizer.model beside the weights, or %s"
              .formatted(loaded.path(), instead));
    }
    return tokenizer();
  }

  /// The tokenizer of the model, or ids in the place of texts where it has none.
  public Tokenizer tokenizerOrIds() {
    return TokenizerFinder.isThere(loaded) ? tokenizer() : new IdTokenizer(spec().vocabularySize());
  }

  /// What writes texts with the model.
  public Generator generator() {
    Tokenizer own = tokenizerOrIds();
    return new Generator(own, EndTokens.of(loaded.checkpoint(), own), InstantSource.system());
  }

  /// The plans under the method that `text` names.
  ///
  /// @param targetLength tokens of the longest text to come, if known
  public PlanFunction plans(String text, OptionalLong targetLength) {
    return plans(shape, spec().declared(), text, targetLength);
  }

  /// The plans of any model under the method that `text` names.
  ///
  /// @param targetLength tokens of the longest text to come, if known
  public static PlanFunction plans(
      ModelShape shape, PositionMethod declared, String text, OptionalLong targetLength) {
    PositionMethod chosen = new MethodParser(shape, declared, targetLength).parse(text);
    Compatibility.refusal(shape, declared, chosen)
        .ifPresent(
            reason -> {
              throw new LengthwiseException(reason);
            });
    return new PlanFunction(shape, declared, chosen);
  }

  /// The model under the method that `method` names, ready to run.
  public InferenceModel inference(String method, OptionalLong targetLength) {
    return new InferenceModel(
        loaded.decoder(), plans(method, targetLength), engine, options.cacheType);
  }

  /// What tasks judge.
  public Subject subject(InferenceModel inference) {
    return new Subject(inference, this::tokenizer, options.batch);
  }

  /// Complains about a bidirectional model, which runs in training and experiments only.
  public void requireCausal() {
    if (loaded.spec().isBidirectional()) {
      throw new LengthwiseException(
          loaded.path()
              + " is bidirectional: it fills in masked tokens and cannot continue a text; take a"
              + " causal model");
    }
  }

  /// Complains about a checkpoint that cannot predict next tokens.
  public void requireHead() {
    requireCausal();
  }

  @Override
  public void close() {
    workers.close();
    loaded.close();
  }
}
