package dev.lengthwise.bench;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Projection;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightRole;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ModelShape;
import java.util.List;
import java.util.Map;

/// Counts what a model must do for some tokens.
///
/// @param inference the model under a method
public record ModelWork(InferenceModel inference) {

  /// The sizes of a product: `inputs → outputs`.
  public record Product(int inputs, int outputs) {}

  /// Reading `tokens` tokens from the start, with the logits of the last.
  public Work prefill(int tokens) {
    ModelSpec spec = inference.decoder().spec();
    double products =
        spec.shape().layers()
                * layerProducts(spec).stream()
                    .mapToDouble(product -> 2.0 * product.inputs() * product.outputs() * tokens)
                    .sum()
            + 2.0 * spec.hiddenSize() * spec.vocabularySize();
    double pairs = 0;
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      pairs += VisiblePairs.of(inference.plans().plan(layer, tokens), tokens);
    }
    double attention = 4.0 * spec.shape().heads() * spec.shape().headSize() * pairs;
    return new Work(tokens, products + attention, weightBytes(inference.decoder()));
  }

  /// Writing `steps` tokens one by one after `depth` tokens, in each of some texts at once: weights
  /// are read once for all of them.
  public Work decode(long depth, int texts, int steps) {
    ModelShape shape = inference.decoder().spec().shape();
    double weights = weightBytes(inference.decoder());
    double visible = 0;
    for (int layer = 0; layer < shape.layers(); layer++) {
      AttentionPlan plan = inference.plans().plan(layer, depth + steps);
      for (int step = 0; step < steps; step++) {
        visible += VisiblePairs.ofQuery(plan, depth + step);
      }
    }
    double keys =
        visible * shape.keyValueHeads() * shape.headSize() * 2 * inference.cacheType().bytes();
    return new Work((long) texts * steps, 0, weights * steps + keys * texts);
  }

  /// The products of one layer, in order.
  public static List<Product> layerProducts(ModelSpec spec) {
    return WeightList.of(spec).stream()
        .filter(weight -> weight.id().layer() == 0 && weight.role().isMatrix())
        .map(
            weight ->
                new Product(
                    Math.toIntExact(weight.shape().getLast()),
                    Math.toIntExact(weight.shape().getFirst())))
        .toList();
  }

  /// Bytes of the weights that every token needs: all but the embedding, of which a token needs one
  /// row (as a head it is counted where it is that), and experts that it does not go to.
  public static double weightBytes(Decoder decoder) {
    double bytes = 0;
    for (Map.Entry<WeightId, Projection> entry : decoder.weights().projections().entrySet()) {
      bytes += share(decoder.spec(), entry.getKey()) * entry.getValue().bytes();
    }
    return bytes;
  }

  private static double share(ModelSpec spec, WeightId id) {
    if (id.slot().role() == WeightRole.EMBEDDING) {
      return 0;
    }
    return id.slot().isOfExpert()
            && spec.layers().get(id.layer()).feedForward() instanceof FeedForward.Experts experts
        ? (double) experts.active() / experts.count()
        : 1;
  }
}
