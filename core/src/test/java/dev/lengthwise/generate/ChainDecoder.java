package dev.lengthwise.generate;

import dev.lengthwise.method.Nope;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Decoders without blocks, whose next token depends on the last one alone: what they do is known
/// beforehand.
public final class ChainDecoder {

  private ChainDecoder() {}

  /// Where token `next(id)` is by far the most likely one after `id`.
  public static Runner runner(int vocabulary, IntUnaryOperator next) {
    float[] head = new float[vocabulary * vocabulary]; // [next, last]
    for (int id = 0; id < vocabulary; id++) {
      head[next.applyAsInt(id) * vocabulary + id] = 10;
    }
    return runner(vocabulary, head);
  }

  /// Where every token is as likely as any other.
  public static Runner uniform(int vocabulary) {
    return runner(vocabulary, new float[vocabulary * vocabulary]);
  }

  private static Runner runner(int vocabulary, float[] head) {
    ModelShape shape = new ModelShape(1, 1, 1, 4, 0, 10_000, 16);
    DecoderWeights weights =
        new DecoderWeights(
            new Linear.Dense(torch.eye(vocabulary).retainReference()),
            List.of(),
            torch.ones(vocabulary).retainReference(),
            new Linear.Dense(kept(Tensor.create(head, vocabulary, vocabulary))));
    ModelSpec spec = new ModelSpec("chain", vocabulary, vocabulary, 1, 1e-5, shape, new Nope());
    return new Runner(
        new Decoder(spec, weights),
        new PlanFunction(shape, new Nope(), new Nope()),
        (plan, queries, keyValues) -> {
          throw new IllegalStateException("there is no block to attend in");
        });
  }

  private static Tensor kept(Tensor tensor) {
    return tensor.retainReference();
  }
}
