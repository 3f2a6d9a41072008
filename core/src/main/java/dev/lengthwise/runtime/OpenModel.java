package dev.lengthwise.runtime;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.compiled.CompiledKernels;
import dev.lengthwise.encode.Recipe;
import dev.lengthwise.encode.Recipes;
import dev.lengthwise.evaluate.Subject;
import dev.lengthwise.family.EndTokens;
import dev.lengthwise.family.HuggingFaceWriter;
import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.Precision;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Nope;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.ModelFiles;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collection;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A model with what runs it: weights, tokenizer, threads, engine, and the catalogue of methods.
public final class OpenModel implements AutoCloseable {

  private final Path path;
  private final LoadedModel loaded;
  private final ModelShape shape;
  private final ModelSettings settings;
  private final Workers workers;
  private final Attention engine;
  private @Nullable Tokenizer tokenizer;

  private OpenModel(Path path, LoadedModel loaded, ModelSettings settings, Workers workers) {
    this.path = path;
    this.loaded = loaded;
    this.settings = settings;
    this.shape = shape(loaded.spec(), settings);
    this.workers = workers;
    this.engine = engine(settings, workers);
  }

  /// What position methods see: the model, with the trained length of the settings.
  static ModelShape shape(ModelSpec spec, ModelSettings settings) {
    return settings.trainedLength().isPresent()
        ? spec.shape().withTrainedLength(settings.trainedLength().getAsLong())
        : spec.shape();
  }

  /// The engine that the settings name.
  public static Attention engine(ModelSettings settings, Workers workers) {
    if (settings.computeDevice().isCuda()) {
      return new TorchAttention(settings.computeDevice());
    }
    return switch (settings.engine()) {
      case VECTOR -> new VectorAttention(workers);
      case TORCH -> new TorchAttention();
      case REFERENCE -> new ReferenceAttention();
    };
  }

  /// Opens a model.
  ///
  /// @param path its file or folder ([ModelPaths])
  /// @param notices gets a sentence where kernels run scalar code or cannot be loaded
  /// @throws LengthwiseException when it cannot be read or the device not be used
  public static OpenModel open(Path path, ModelSettings settings, Consumer<String> notices) {
    settings.computeDevice().require();
    Path weights = Recipes.weightsOf(path);
    VectorWidth.warning().ifPresent(notices);
    if (!settings.isDense()) {
      CompiledKernels.warning().ifPresent(notices);
    }
    Workers workers = new Workers(settings.threads());
    try {
      LoadedModel loaded =
          settings.isDense()
              ? ModelLoader.loadDense(
                  weights,
                  OpenModel::declared,
                  precision(settings),
                  workers,
                  settings.computeDevice())
              : ModelLoader.load(
                  weights, OpenModel::declared, precision(settings), products(settings, workers));
      torch.set_num_threads(Workers.atWork(settings.threads()));
      return new OpenModel(path, loaded, settings, workers);
    } catch (RuntimeException | Error e) {
      workers.close();
      throw e;
    }
  }

  /// What multiplies weights as they are stored.
  public static MatrixProducts products(ModelSettings settings, Workers workers) {
    return new MatrixProducts(workers, settings.repacks(), settings.activations());
  }

  /// The arithmetic that was asked for; `null` where the file decides.
  static @Nullable Precision precision(ModelSettings settings) {
    return settings
        .arithmetic()
        .map(
            wanted ->
                switch (wanted) {
                  case F32 -> Precision.F32;
                  case BF16 -> Precision.BF16;
                })
        .orElse(null);
  }

  /// The method that a checkpoint declares, from its text. A declaration stands alone: there is
  /// nothing that it could refer to as declared.
  public static PositionMethod declared(MethodValue value, ModelShape shape) {
    return new MethodParser(shape, shape.hasRotary() ? new Rope() : new Nope()).method(value);
  }

  /// What writes models, with the methods that they declare.
  public static ModelFiles files() {
    return new HuggingFaceWriter(OpenModel::declared);
  }

  /// The engine that runs: libtorch's where the chosen one cannot run some layer.
  public ModelSettings.Engine engineThatRuns() {
    Attention running = InferenceModel.engineFor(spec(), engine);
    return running == engine ? settings.engine() : ModelSettings.Engine.TORCH;
  }

  /// How exact activations are: f32, too, where no weight is of a type that is multiplied with
  /// whole numbers.
  public ActivationPrecision activations() {
    return activations(settings, loaded.copiedTypes());
  }

  /// How exact activations are with weights of some types.
  ///
  /// @param types of weights that can have copies with 16 rows side by side, and are multiplied
  public static ActivationPrecision activations(
      ModelSettings settings, Collection<WeightType> types) {
    ActivationPrecision used = settings.activationsUsed();
    return types.stream().anyMatch(type -> MatrixProducts.rounds(type, used))
        ? used
        : ActivationPrecision.F32;
  }

  /// How keys and values are kept.
  public CacheType cacheType() {
    return cacheType(settings, loaded.copiedTypes());
  }

  /// How keys and values are kept beside weights of some types. Where activations are rounded, bf16
  /// takes nothing from the distributions that they have not lost, for half the memory (decision
  /// 0020).
  ///
  /// @param types as for [#activations(ModelSettings, Collection)]
  public static CacheType cacheType(ModelSettings settings, Collection<WeightType> types) {
    boolean exact = activations(settings, types) == ActivationPrecision.F32;
    return settings.cacheType().orElse(exact ? CacheType.F32 : CacheType.BF16);
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

  /// What position methods see: the model, with the trained length of the settings.
  public ModelShape shape() {
    return shape;
  }

  /// The tokenizer of the model, opened when it is first needed, by whichever thread that is.
  public synchronized Tokenizer tokenizer() {
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
  static PlanFunction plans(
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
    return new InferenceModel(loaded.decoder(), plans(method, targetLength), engine, cacheType());
  }

  /// What keys and values depend on that the model computes under a method.
  public StateOrigin origin(InferenceModel inference) {
    return new StateOrigin(
        loaded.sha256(),
        configSha256(),
        arithmetic(),
        inference.plans().chosen().value().text(),
        inference.cacheType().name(),
        0,
        0);
  }

  private String configSha256() {
    String config = loaded.checkpoint().header() + "\n" + shape;
    return Sha256.of(config.getBytes(StandardCharsets.UTF_8));
  }

  private String arithmetic() {
    return "%s, activations %s, repacked %s, engine %s on %s, vectors of %d bits, kernels in C %s"
        .formatted(
            loaded.precision(),
            settings.activationsUsed(),
            settings.repacks(),
            engineThatRuns(),
            settings.device(),
            VectorWidth.bits(),
            MatrixProducts.hasCompiledKernels());
  }

  /// How its files make vectors of texts.
  ///
  /// @throws LengthwiseException of a part that is not supported
  public Recipe recipe() {
    return Recipes.of(path, spec(), loaded.checkpoint());
  }

  /// What tasks judge.
  ///
  /// @param chunk most tokens that run at once
  public Subject subject(InferenceModel inference, int chunk) {
    return new Subject(inference, this::tokenizer, chunk);
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

  @Override
  public void close() {
    workers.close();
    loaded.close();
  }
}
