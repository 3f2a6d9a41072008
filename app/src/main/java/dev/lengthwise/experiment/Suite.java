package dev.lengthwise.experiment;

import dev.lengthwise.evaluate.Axes;
import dev.lengthwise.evaluate.Task;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is measured of every model under every method.
///
/// @param tasks the tasks
/// @param lengths tokens of the texts
/// @param windows of each length
/// @param scored last targets of a window that count
/// @param depths of the pass key
/// @param trials pass keys of each length and depth
public record Suite(
    List<Task> tasks,
    List<Integer> lengths,
    int windows,
    int scored,
    List<Double> depths,
    int trials) {

  /// Copies the lists.
  public Suite {
    tasks = List.copyOf(tasks);
    lengths = List.copyOf(lengths);
    depths = List.copyOf(depths);
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
