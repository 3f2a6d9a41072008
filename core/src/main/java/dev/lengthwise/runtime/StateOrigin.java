package dev.lengthwise.runtime;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonObjects;

/// What the keys and values of a text depend on beside its tokens.
///
/// @param weights SHA-256 of the weights of its model
/// @param config SHA-256 of what its files say of the model, with its shape
/// @param arithmetic what computed: precisions, engine, device
/// @param method position method with every parameter
/// @param cacheType how keys and values are kept
/// @param chunk most tokens that were read at once, where whoever reads it depends on that; else 0
/// @param declared tokens of the whole prompt, where the method depends on that and more of the
///     prompt is to come; else 0
public record StateOrigin(
    String weights,
    String config,
    String arithmetic,
    String method,
    String cacheType,
    int chunk,
    int declared) {

  /// The same of the begin of a prompt.
  public StateOrigin ofPrompt(int mostAtOnce, int length) {
    return new StateOrigin(weights, config, arithmetic, method, cacheType, mostAtOnce, length);
  }

  /// Complains where keys and values of this origin are of no use to what has another one. The
  /// cuts of a prompt are the reader's affair.
  ///
  /// @param file the name of theirs
  /// @throws LengthwiseException that says what differs
  public void requireSame(String file, StateOrigin here) {
    requireSame(file, "model", weights, here.weights);
    requireSame(file, "configuration of the model", config, here.config);
    requireSame(file, "arithmetic", arithmetic, here.arithmetic);
    requireSame(file, "position method", method, here.method);
    requireSame(file, "type of cache (--cache-type)", cacheType, here.cacheType);
  }

  /// Complains about one thing that differs.
  public static void requireSame(String file, String what, String saved, String here) {
    if (!saved.equals(here)) {
      throw new LengthwiseException(
          "%s was saved with another %s: %s, and here it is %s; open the model as it was when the text was saved, or read the text again"
              .formatted(file, what, saved, here));
    }
  }

  ObjectNode json() {
    return JsonObjects.emptyObject()
        .put("weights", weights)
        .put("config", config)
        .put("arithmetic", arithmetic)
        .put("method", method)
        .put("cache_type", cacheType)
        .put("chunk", chunk)
        .put("declared", declared);
  }

  static StateOrigin of(JsonNode node) {
    return new StateOrigin(
        node.path("weights").asText(),
        node.path("config").asText(),
        node.path("arithmetic").asText(),
        node.path("method").asText(),
        node.path("cache_type").asText(),
        node.path("chunk").asInt(),
        node.path("declared").asInt());
  }
}
