package dev.lengthwise.app.command;

import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.bench.AttentionAlone;
import dev.lengthwise.bench.SyntheticModel;
import dev.lengthwise.bench.SyntheticShape;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.matrix.WeightType;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.Processor;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.torch.Libtorch;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// What `bench` measures: a model from a file, one with random weights, or attention alone.
///
/// @param decoder the model; `null` where attention is measured alone
/// @param spec its architecture, or the shape of attention alone
/// @param shape what position methods see
/// @param engine what executes plans
/// @param cacheType how keys and values are kept
/// @param workers the threads of the engine
/// @param protocol what it is
/// @param owner closes all of it
record BenchSubject(
    @Nullable Decoder decoder,
    ModelSpec spec,
    ModelShape shape,
    Attention engine,
    CacheType cacheType,
    Workers workers,
    Protocol protocol,
    Runnable owner)
    implements AutoCloseable {

  private static final int ATTENTION_TRAINED_LENGTH = 2048;

  /// A model from a file.
  static BenchSubject file(ModelOptions options) {
    OpenModel open = options.open();
    open.requireCausal();
    return new BenchSubject(
        open.loaded().decoder(),
        open.spec(),
        open.shape(),
        OpenModel.engine(options.settings(), open.workers()),
        open.cacheType(),
        open.workers(),
        new Protocol(open, options),
        open::close);
  }

  /// A model with random weights.
  static BenchSubject synthetic(SyntheticShape shape, String weights, ModelOptions options) {
    Workers workers = start(options);
    WeightType type = SyntheticModel.weightType(weights);
    boolean bf16 =
        options.dtype == null
            ? type != WeightType.F32 && Processor.multipliesBfloat16()
            : options.dtype == ModelSettings.Arithmetic.BF16;
    Decoder decoder =
        Usage.checked(
            () ->
                SyntheticModel.decoder(
                    shape,
                    new Rope(),
                    type,
                    bf16,
                    OpenModel.products(options.settings(), workers),
                    Arena.global()));
    ActivationPrecision used = OpenModel.activations(options.settings(), List.of(type));
    options.warnOfExact(shape.name(), used);
    CacheType cacheType = OpenModel.cacheType(options.settings(), List.of(type));
    Protocol protocol =
        new Protocol(shape.name(), decoder.spec(), options)
            .with("weights", weights)
            .with("activations", used.name().toLowerCase(Locale.ROOT))
            .with("cache_type", cacheType.name().toLowerCase(Locale.ROOT))
            .with("dtype", bf16 ? "bf16" : "f32");
    return of(decoder, decoder.spec(), workers, protocol, cacheType, options);
  }

  /// Attention without a model.
  static BenchSubject attentionAlone(ModelOptions options) {
    int heads = AttentionAlone.HEADS;
    int size = AttentionAlone.HEAD_SIZE;
    ModelShape shape =
        new ModelShape(1, heads, heads, size, size, 10_000, ATTENTION_TRAINED_LENGTH);
    ModelSpec spec =
        Architecture.LLAMA.model(
            "none", new Architecture.Sizes(1, heads * size, 1, 0, true), shape, new Rope());
    Protocol protocol = new Protocol("attention alone", spec, options).with("activations", "f32");
    return of(null, spec, start(options), protocol, withoutWeights(options), options);
  }

  /// The shape of a model that is trained.
  static BenchSubject trained(SyntheticShape shape, ModelOptions options) {
    ModelSpec spec = shape.spec(new Rope());
    Protocol protocol =
        new Protocol(shape.name() + " in training", spec, options).with("activations", "f32");
    return of(null, spec, start(options), protocol, withoutWeights(options), options);
  }

  private static CacheType withoutWeights(ModelOptions options) {
    return OpenModel.cacheType(options.settings(), List.of());
  }

  private static Workers start(ModelOptions options) {
    Libtorch.load();
    torch.set_num_threads(options.threads());
    return new Workers(options.threads());
  }

  private static BenchSubject of(
      @Nullable Decoder decoder,
      ModelSpec spec,
      Workers workers,
      Protocol protocol,
      CacheType cacheType,
      ModelOptions options) {
    ModelShape own = spec.shape();
    ModelShape shape =
        options.trainedLength().isPresent()
            ? own.withTrainedLength(options.trainedLength().getAsLong())
            : own;
    Attention engine = OpenModel.engine(options.settings(), workers);
    return new BenchSubject(
        decoder, spec, shape, engine, cacheType, workers, protocol, workers::close);
  }

  /// The model under the method that `text` names.
  InferenceModel inference(String text, long longest) {
    if (decoder == null) {
      throw new IllegalStateException("there is no model");
    }
    return new InferenceModel(decoder, plans(text, longest), engine, cacheType);
  }

  /// The plan of the first layer under the method that `text` names.
  AttentionPlan plan(String text, long length) {
    return plans(text, length).plan(0, length);
  }

  private PlanFunction plans(String text, long longest) {
    MethodParser parser = new MethodParser(shape, spec.declared(), OptionalLong.of(longest));
    return new PlanFunction(shape, spec.declared(), parser.parse(text));
  }

  @Override
  public void close() {
    owner.run();
  }
}
