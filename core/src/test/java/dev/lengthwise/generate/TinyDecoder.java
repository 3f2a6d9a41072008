package dev.lengthwise.generate;

import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A small decoder with random weights, for tests.
public final class TinyDecoder {

  /// Number of tokens.
  public static final int VOCABULARY = 50;

  private TinyDecoder() {}

  /// A decoder of two layers with random weights.
  public static Decoder random(ModelShape shape, PositionMethod declared, long seed) {
    return random(spec(shape, declared), seed);
  }

  /// The plan of a small Llama whose head is the embedding.
  public static ModelSpec spec(ModelShape shape, PositionMethod declared) {
    return Architecture.LLAMA.model(
        "tiny", new Architecture.Sizes(VOCABULARY, 24, 40, 1e-5, true), shape, declared);
  }

  /// A decoder of any architecture with random weights.
  public static Decoder random(ModelSpec spec, long seed) {
    return Decoder.torch(spec, Weights.dense(spec, weights(spec, ScalarType.Float, seed), null));
  }

  /// Random weights by name, with a tied head; gains and biases are random too.
  public static Map<String, Tensor> weights(ModelSpec spec, ScalarType type, long seed) {
    torch.manual_seed(seed);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (WeightSpec tensor : WeightList.of(spec)) {
      weights.put(tensor.name(), values(tensor).to(type).retainReference());
    }
    return weights;
  }

  private static Tensor values(WeightSpec tensor) {
    Tensor normal = torch.randn(tensor.dimensions());
    return switch (tensor.role()) {
      case EMBEDDING -> normal;
      case MATRIX, VALUE, ATTENTION_OUTPUT, GATED, FEED_FORWARD_OUTPUT, GATED_UNIT ->
          normal.mul(new Scalar(1.5 / Math.sqrt((double) tensor.dimensions()[1])));
      case RECURRENT_INPUT ->
          normal.mul(new Scalar(0.7 / Math.sqrt((double) tensor.dimensions()[1])));
      case GAIN -> normal.mul(new Scalar(0.1)).add(new Scalar(1.0));
      case BIAS, LEARNED_POSITION, LOG_GAIN -> normal.mul(new Scalar(0.3));
      // |λ| between about 0.7 and 0.97, phases of all sizes.
      case LOG_RATE -> normal.mul(new Scalar(0.5)).sub(new Scalar(2.0));
      case LOG_PHASE -> normal;
    };
  }

  /// Two layers of four heads on two key heads of 16 channels.
  public static ModelShape shape(int trainedLength) {
    return new ModelShape(2, 4, 2, 16, 16, 10_000, trainedLength);
  }

  /// Random tokens.
  public static int[] ids(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return random.ints(count, 0, VOCABULARY).toArray();
  }
}
