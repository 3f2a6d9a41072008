package dev.lengthwise.generate;

import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A small decoder with random weights, for tests.
public final class TinyDecoder {

  /// Number of tokens.
  public static final int VOCABULARY = 50;

  private TinyDecoder() {}

  /// A decoder of two layers with random weights.
  public static Decoder random(ModelShape shape, PositionMethod declared, long seed) {
    torch.manual_seed(seed);
    int hidden = 24;
    int inner = 40;
    int queries = shape.heads() * shape.headSize();
    int keys = shape.keyValueHeads() * shape.headSize();
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < shape.layers(); layer++) {
      layers.add(
          new DecoderWeights.Layer(
              ones(hidden),
              linear(queries, hidden),
              linear(keys, hidden),
              linear(keys, hidden),
              linear(hidden, queries),
              ones(hidden),
              linear(inner, hidden),
              linear(inner, hidden),
              linear(hidden, inner)));
    }
    Tensor embedding = kept(torch.randn(new long[] {VOCABULARY, hidden}));
    DecoderWeights weights =
        new DecoderWeights(
            new Linear.Dense(embedding), layers, ones(hidden), new Linear.Dense(embedding));
    return new Decoder(
        new ModelSpec("tiny", VOCABULARY, hidden, inner, 1e-5, shape, declared), weights);
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

  private static Linear linear(int outputs, int inputs) {
    double scale = 1.5 / Math.sqrt(inputs);
    return new Linear.Dense(kept(torch.randn(new long[] {outputs, inputs}).mul(new Scalar(scale))));
  }

  private static Tensor ones(long size) {
    return kept(torch.ones(new long[] {size}));
  }

  // Weights live as long as the test's decoder, whatever scope is open.
  private static Tensor kept(Tensor tensor) {
    return tensor.retainReference();
  }
}
