package dev.lengthwise.experiment.study;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.method.Nope;
import dev.lengthwise.model.Architecture.Direction;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Residual;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.Weights;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PlanFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// A causal layer without positions that tells the position of every token: written by hand.
///
/// The text is token 0, then any number of tokens 1. All queries and keys are 0, so that token `i`
/// attends to the tokens `0 … i` alike. The value of token 0 is 1, that of all others 0: the sum is
/// `1 / (i + 1)`. The output projection writes it to channel 2 of the stream, and the logit of
/// token 0 is that channel. There is no norm and no feed-forward block.
///
/// Source: Kazemnejad et al. 2023, "The Impact of Positional Encoding on Length Generalization in
/// Transformers", theorem 1, whose construction this is; Han et al. 2024, "LM-Infinite", cite it.
final class PositionLayer {

  private static final int HIDDEN = 4;
  private static final int HEAD_SIZE = 2;
  private static final int VOCABULARY = 2;
  private static final int CHUNK = 512;

  // [vocabulary, hidden]: the first two channels say which token it is.
  private static final float[] EMBEDDING = {1, 0, 0, 0, 0, 1, 0, 0};

  // [headSize, hidden]: the first channel of the value is that of token 0.
  private static final float[] VALUE = {1, 0, 0, 0, 0, 0, 0, 0};

  // [hidden, headSize]: the first channel of the value goes to channel 2.
  private static final float[] ATTENTION_OUTPUT = {0, 0, 0, 0, 1, 0, 0, 0};

  // [vocabulary, hidden]: the logit of token 0 is channel 2.
  private static final float[] HEAD = {0, 0, 1, 0, 0, 0, 0, 0};

  private PositionLayer() {}

  /// What the layer says at every position of a text, read in parts by the decoder that runs
  /// models.
  static List<Float> outputs(Attention engine, int tokens) {
    List<Float> outputs = new ArrayList<>();
    try (PointerScope _ = new PointerScope()) {
      ModelSpec spec = spec(tokens);
      Decoder decoder = Decoder.torch(spec, Weights.dense(spec, weights(), null));
      PlanFunction plans = new PlanFunction(spec.shape(), spec.declared(), spec.declared());
      int[] ids = new int[tokens];
      Arrays.fill(ids, 1);
      ids[0] = 0;
      try (Sequence sequence = new InferenceModel(decoder, plans, engine).newSequence()) {
        sequence.read(
            ids,
            CHUNK,
            (_, hidden) -> {
              float[] logits = Logits.toArray(sequence.logits(hidden).select(1, 0).contiguous());
              for (float logit : logits) {
                outputs.add(logit);
              }
            });
      }
    }
    return outputs;
  }

  private static ModelSpec spec(int tokens) {
    LayerSpec layer =
        new LayerSpec(
            Mixer.Attention.plain(1, 1, HEAD_SIZE), FeedForward.NONE, Residual.before(Norm.NONE));
    return new ModelSpec(
        "by hand",
        VOCABULARY,
        HIDDEN,
        Embedding.PLAIN,
        List.of(layer),
        Norm.NONE,
        Head.plain(false),
        Direction.CAUSAL,
        new ModelShape(1, 1, 1, HEAD_SIZE, 0, 10_000, tokens),
        new Nope());
  }

  private static Map<String, Tensor> weights() {
    float[] nothing = new float[HEAD_SIZE * HIDDEN];
    return Map.of(
        WeightId.of(Slot.EMBEDDING).name(), Tensor.create(EMBEDDING, VOCABULARY, HIDDEN),
        WeightId.of(0, Slot.QUERY).name(), Tensor.create(nothing, HEAD_SIZE, HIDDEN),
        WeightId.of(0, Slot.KEY).name(), Tensor.create(nothing, HEAD_SIZE, HIDDEN),
        WeightId.of(0, Slot.VALUE).name(), Tensor.create(VALUE, HEAD_SIZE, HIDDEN),
        WeightId.of(0, Slot.ATTENTION_OUTPUT).name(),
            Tensor.create(ATTENTION_OUTPUT, HIDDEN, HEAD_SIZE),
        WeightId.of(Slot.HEAD).name(), Tensor.create(HEAD, VOCABULARY, HIDDEN));
  }
}
