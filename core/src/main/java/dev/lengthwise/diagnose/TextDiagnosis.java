package dev.lengthwise.diagnose;

import dev.lengthwise.diagnose.LayerDiagnosis.Part;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/// What a model does on one text, layer by layer, under one method.
public final class TextDiagnosis {

  private TextDiagnosis() {}

  /// The chosen layers of which anything is known, in their order; one that does not attend has no
  /// scores.
  ///
  /// @param ids the text, at least one token; at least two for [Part#PCA]
  /// @param layers which layers, by index
  public static List<LayerDiagnosis> of(
      InferenceModel inference,
      int[] ids,
      IntPredicate layers,
      Set<Part> parts,
      AttentionSummary.Zones zones) {
    Map<Integer, AttentionSummary> attention = new HashMap<>();
    Map<Integer, List<OrderBreaking>> order = new HashMap<>();
    Map<Integer, HiddenStatePca> states = new HashMap<>();
    if (!parts.equals(Set.of(Part.DECAY))) {
      TextAttention.read(
          inference,
          ids,
          layers,
          (layer, plan, queries, keys) -> {
            if (parts.contains(Part.ATTENTION)) {
              attention.put(
                  layer, TextAttention.summary(inference, layer, plan, queries, keys, zones));
            }
            if (parts.contains(Part.ORDER)) {
              order.put(layer, OrderBreaking.of(plan, queries, keys));
            }
          },
          (stream, layer) -> {
            if (parts.contains(Part.PCA) && layers.test(layer)) {
              states.put(layer, HiddenStatePca.of(layer, stream.select(0, 0)));
            }
          });
    }
    ModelSpec spec = inference.decoder().spec();
    List<LayerDiagnosis> all = new ArrayList<>();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      boolean attends = !(spec.layers().get(layer).mixer() instanceof Mixer.Recurrence);
      if (layers.test(layer) && (attends || states.containsKey(layer))) {
        all.add(
            new LayerDiagnosis(
                layer,
                attention.get(layer),
                attends && parts.contains(Part.DECAY)
                    ? decay(inference, layer, ids.length)
                    : List.of(),
                order.getOrDefault(layer, List.of()),
                states.get(layer)));
      }
    }
    return all;
  }

  private static List<ScoreDecay> decay(InferenceModel inference, int layer, int tokens) {
    ModelSpec spec = inference.decoder().spec();
    return ScoreDecay.of(
        inference.plan(layer, tokens), spec.heads(layer), spec.shape().headSize(), tokens);
  }
}
