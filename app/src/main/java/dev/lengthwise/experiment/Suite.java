package dev.lengthwise.experiment;

import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.PasskeyTask;
import dev.lengthwise.evaluate.PerplexityTask;
import dev.lengthwise.evaluate.Task;
import dev.lengthwise.text.PasskeyTemplate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is measured of every model under every method.
///
/// @param tasks the tasks
/// @param lengths tokens of the texts
/// @param windows of each length
/// @param scored last targets of a window that count
/// @param depths of the passkey
/// @param trials passkeys of each length and depth
public record Suite(
    List<Task> tasks,
    List<Integer> lengths,
    int windows,
    int scored,
    List<Double> depths,
    int trials) {

  /// The prompt of Landmark Attention without its long instruction, which a trained length of 128
  /// tokens has no room for.
  private static final PasskeyTemplate SHORT_PASS_KEY =
      new PasskeyTemplate(
          "short",
          "Memorize the pass key.",
          PasskeyTemplate.LANDMARK.fillerUnit(),
          PasskeyTemplate.LANDMARK.needle(),
          PasskeyTemplate.LANDMARK.question());

  /// Copies the lists.
  public Suite {
    tasks = List.copyOf(tasks);
    lengths = List.copyOf(lengths);
    depths = List.copyOf(depths);
  }

  /// What small models that were trained at 128 tokens are measured with: natural and repeated
  /// texts and a passkey, up to 16 times the trained length.
  public static Suite small(Scale scale) {
    return new Suite(
        List.of(
            new PerplexityTask(),
            new PerplexityTask(PerplexityTask.Texts.REPEATED),
            new PasskeyTask(SHORT_PASS_KEY)),
        scale.choose(List.of(128, 256, 512, 1024, 2048), List.of(32, 128)),
        scale.choose(16, 1),
        scale.choose(64, 8),
        List.of(0.1, 0.5, 0.9),
        scale.choose(4, 1));
  }

  /// The axes on a document.
  Axes axes(int[] document, long seed) {
    return new Axes(lengths, depths, trials, document, windows, scored, seed);
  }

  /// Tokens that are read for one method.
  long cost() {
    // A document without tokens would have no window: one that has room for all of them.
    int longest = lengths.stream().mapToInt(Integer::intValue).max().orElseThrow();
    Axes axes = axes(new int[longest + windows], 0);
    return tasks.stream().mapToLong(task -> task.cost(axes)).sum();
  }

  /// The settings, for `config.json`.
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("tasks", tasks.stream().map(Task::name).toList());
    settings.put("lengths", lengths);
    settings.put("windows", windows);
    settings.put("last_targets", scored);
    settings.put("depths", depths);
    settings.put("trials", trials);
    return settings;
  }
}
