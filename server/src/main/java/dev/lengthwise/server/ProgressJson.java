package dev.lengthwise.server;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.batch.TextEvent;
import dev.lengthwise.generate.ContextMap;
import java.util.Locale;

/// How far a text has come, for `return_progress`: `prompt_progress` as llama.cpp's server has it,
/// and what the last token sees of its text.
final class ProgressJson {

  private ProgressJson() {}

  /// `prompt_progress`.
  ///
  /// @param total tokens of the prompt
  static ObjectNode prompt(int total, TextEvent.Progress progress) {
    return Json.object()
        .put("total", total)
        .put("cache", progress.shared())
        .put("processed", progress.read())
        .put("time_ms", Math.round(progress.seconds() * 1000));
  }

  /// `context`.
  ///
  /// @param dropped tokens before the text, which its request has let go
  static ObjectNode context(int dropped, ContextMap context) {
    ObjectNode body = Json.object().put("tokens", context.tokens()).put("dropped_tokens", dropped);
    ArrayNode layers = body.putArray("layers");
    for (ContextMap.Layers run : context.layers()) {
      ObjectNode node = layers.addObject().put("first", run.first()).put("last", run.last());
      ArrayNode spans = node.putArray("spans");
      run.spans().forEach(span -> spans.add(span(span)));
    }
    return body;
  }

  private static ObjectNode span(ContextMap.Span span) {
    ObjectNode node =
        Json.object()
            .put("from", span.from())
            .put("until", span.until())
            .put("kind", span.kind().name().toLowerCase(Locale.ROOT));
    return Double.isNaN(span.nearest())
        ? node
        : node.put("farthest", span.farthest()).put("nearest", span.nearest());
  }
}
