package dev.lengthwise.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Residual;
import java.util.LinkedHashMap;
import java.util.Map;

/// Compares what settings say of a model, in the block `model`, with a model that exists.
public final class ModelAgreement {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ModelAgreement() {}

  /// Checks that each key of `block` has the value of the model; keys may be missing.
  ///
  /// @param block keys as in [TrainConfig.Model]
  /// @param model its name, for messages
  /// @throws LengthwiseException that names the key, its value and what the model has
  public static void require(ObjectNode block, ModelSpec spec, String model) {
    Map<String, JsonNode> own = new LinkedHashMap<>();
    values(spec).forEach((key, value) -> own.put(key, MAPPER.valueToTree(value)));
    for (Map.Entry<String, JsonNode> entry : block.properties()) {
      String key = entry.getKey();
      JsonNode found = own.get(key);
      if (found == null) {
        throw new LengthwiseException(
            "Training setting \"model.%s\" is unknown; known are %s."
                .formatted(key, String.join(", ", own.keySet())));
      }
      if (!isSame(entry.getValue(), found)) {
        throw new LengthwiseException(
            "Training setting \"model.%s\" is %s, but the model %s has %s; leave \"model\" out, since --from takes the model as it is."
                .formatted(key, entry.getValue(), model, found));
      }
    }
  }

  private static boolean isSame(JsonNode wanted, JsonNode found) {
    boolean numbers = wanted.isNumber() && found.isNumber();
    return numbers ? wanted.doubleValue() == found.doubleValue() : wanted.equals(found);
  }

  private static Map<String, Object> values(ModelSpec spec) {
    Residual residual = spec.layers().getFirst().residual();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("vocabularySize", spec.vocabularySize());
    values.put("hiddenSize", spec.hiddenSize());
    values.put("layers", spec.layers().size());
    values.put("heads", spec.shape().heads());
    values.put("keyValueHeads", spec.shape().keyValueHeads());
    values.put("headSize", spec.shape().headSize());
    values.put("feedForwardSize", inner(spec));
    values.put("rotaryBase", spec.shape().hasRotary() ? spec.shape().rotaryBase() : "none");
    values.put(
        "normEpsilon",
        (residual.mixer().exists() ? residual.mixer() : residual.mixerOutput()).epsilon());
    values.put("tied", spec.head().tied());
    values.put("architecture", Architecture.of(spec).<Object>map(own -> own).orElse(spec.family()));
    return values;
  }

  private static Object inner(ModelSpec spec) {
    return switch (spec.layers().getFirst().feedForward()) {
      case FeedForward.Plain plain -> plain.inner();
      case FeedForward.Gated gated -> gated.inner();
      case FeedForward.Experts experts -> experts.expert().inner();
      case FeedForward.None _ -> "none";
    };
  }
}
