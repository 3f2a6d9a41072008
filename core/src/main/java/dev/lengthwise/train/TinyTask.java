package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.train.optimise.Schedule;
import java.util.Map;

/// Settings of the head of a task, tried within seconds: a tiny fresh encoder of the same family,
/// and few steps with a high learning rate.
public final class TinyTask {

  private static final int HIDDEN = 32;
  private static final int LAYERS = 2;
  private static final int LENGTH = 64;
  private static final int STRIDE = 16;
  private static final int EXAMPLES = 16;
  private static final int STEPS = 120;
  private static final double PEAK = 3e-3;
  private static final String KINDS = "layer_types"; // one for each layer
  private static final Map<String, Integer> SIZES =
      Map.ofEntries(
          Map.entry("hidden_size", HIDDEN),
          Map.entry("n_embd", HIDDEN),
          Map.entry("num_hidden_layers", LAYERS),
          Map.entry("n_layer", LAYERS),
          Map.entry("num_attention_heads", 2),
          Map.entry("n_head", 2),
          Map.entry("head_dim", HIDDEN / 2),
          Map.entry("intermediate_size", 2 * HIDDEN),
          Map.entry("n_inner", 2 * HIDDEN),
          Map.entry("embedding_size", HIDDEN),
          Map.entry("attention_key_size", HIDDEN / 2));

  private TinyTask() {}

  /// A header whose sizes are small.
  public static ObjectNode encoder(ObjectNode header) {
    ObjectNode tiny = header.deepCopy();
    SIZES.forEach(
        (key, size) -> {
          if (tiny.has(key)) {
            tiny.put(key, size);
          }
        });
    if (tiny.get(KINDS) instanceof ArrayNode kinds) {
      while (kinds.size() > LAYERS) {
        kinds.remove(LAYERS);
      }
    }
    return tiny;
  }

  /// The tiny settings.
  public static TaskConfig of(TaskConfig config) {
    int steps = Math.min(config.schedule().steps(), STEPS);
    return new TaskConfig(
        shrink(config.task()),
        new Schedule.Cosine(steps, PEAK, steps / 10, 0.1),
        config.optimizer(),
        config.seed(),
        config.threads(),
        Math.max(1, steps / 2));
  }

  private static HeadTask shrink(HeadTask task) {
    int length = Math.min(task.length(), LENGTH);
    int examples = Math.min(task.examples(), EXAMPLES);
    return switch (task) {
      case HeadTask.Classification own ->
          new HeadTask.Classification(
              own.training(), own.validation(), length, examples, 0, own.labels());
      case HeadTask.Choice own ->
          new HeadTask.Choice(own.training(), own.validation(), length, examples, 0);
      case HeadTask.Reading own ->
          new HeadTask.Reading(
              own.training(),
              own.validation(),
              length,
              Math.min(own.stride(), STRIDE),
              own.longestAnswer(),
              examples,
              0);
      case HeadTask.Tagging own ->
          new HeadTask.Tagging(
              own.training(),
              own.validation(),
              length,
              Math.min(own.stride(), STRIDE),
              examples,
              0,
              own.labels());
    };
  }
}
