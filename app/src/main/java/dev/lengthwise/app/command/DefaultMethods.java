package dev.lengthwise.app.command;

import dev.lengthwise.position.ModelShape;
import java.util.List;

/// What `compare` compares when it is not told: the plain model, what collapses with it, and one
/// method of each kind that does not.
final class DefaultMethods {

  private DefaultMethods() {}

  static List<String> of(ModelShape shape) {
    if (!shape.hasRotary()) {
      return List.of("declared", "window", "lm-infinite", "streaming-llm");
    }
    long quarter = Math.max(1, shape.trainedLength() / 4);
    return List.of(
        "declared",
        "dynamic-ntk:factor=8",
        "yarn",
        "window",
        "lm-infinite",
        "rerope:window=" + quarter,
        "self-extend",
        "dual-chunk");
  }
}
