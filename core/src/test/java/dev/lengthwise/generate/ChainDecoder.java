package dev.lengthwise.generate;

import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.method.Nope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Decoders whose block adds nothing, so that the next token depends on the last one alone: what
/// they do is known beforehand.
public final class ChainDecoder {

  private ChainDecoder() {}

  /// Where token `next(id)` is by far the most likely one after `id`.
  public static InferenceModel inference(int vocabulary, IntUnaryOperator next) {
    float[] head = new float[vocabulary * vocabulary]; // [next, last]
    for (int id = 0; id < vocabulary; id++) {
      head[next.applyAsInt(id) * vocabulary + id] = 10;
    }
    return inference(vocabulary, head);
  }

  /// Where every token is as likely as any other.
  public static InferenceModel uniform(int vocabulary) {
    return inference(vocabulary, new float[vocabulary * vocabulary]);
  }

  private static InferenceModel inference(int vocabulary, float[] head) {
    ModelShape shape = new ModelShape(1, 1, 1, 4, 0, 10_000, 16);
    ModelSpec spec =
        Architecture.LLAMA.model(
            "chain",
            new Architecture.Sizes(vocabulary, vocabulary, 1, 1e-5, false),
            shape,
            new Nope());
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (WeightSpec tensor : WeightList.of(spec)) {
      weights.put(
          tensor.name(),
          switch (tensor.role()) {
            case GAIN -> kept(torch.ones(tensor.dimensions()));
            case EMBEDDING -> kept(torch.eye(vocabulary));
            default -> kept(torch.zeros(tensor.dimensions()));
          });
    }
    weights.put(WeightId.of(Slot.HEAD).name(), kept(Tensor.create(head, vocabulary, vocabulary)));
    return new InferenceModel(
        Decoder.torch(spec, Weights.dense(spec, weights, null)),
        new PlanFunction(shape, new Nope(), new Nope()),
        new ReferenceAttention());
  }

  private static Tensor kept(Tensor tensor) {
    return tensor.retainReference();
  }
}
