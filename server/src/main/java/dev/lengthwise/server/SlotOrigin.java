package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;

/// What the keys and values of a prompt depend on beside its tokens.
///
/// @param weights SHA-256 of the weights of its model
/// @param config SHA-256 of what its files say of the model, with its shape
/// @param arithmetic what computed: precisions, engine, device
/// @param method position method with every parameter
/// @param cacheType how keys and values are kept
/// @param chunk most tokens that were read at once
/// @param declared tokens of the whole prompt, where the method depends on that; else 0
record SlotOrigin(
    String weights,
    String config,
    String arithmetic,
    String method,
    String cacheType,
    int chunk,
    int declared) {

  String json() {
    return Json.object()
        .put("weights", weights)
        .put("config", config)
        .put("arithmetic", arithmetic)
        .put("method", method)
        .put("cache_type", cacheType)
        .put("chunk", chunk)
        .put("declared", declared)
        .toString();
  }

  static SlotOrigin of(String json) {
    ObjectNode node = Json.read(json.getBytes(StandardCharsets.UTF_8));
    return new SlotOrigin(
        node.path("weights").asText(),
        node.path("config").asText(),
        node.path("arithmetic").asText(),
        node.path("method").asText(),
        node.path("cache_type").asText(),
        node.path("chunk").asInt(),
        node.path("declared").asInt());
  }
}
