package dev.lengthwise.evaluate;

import java.util.List;

/// The catalogue of tasks: a new task is one file and one line here.
public final class Tasks {

  /// All tasks.
  public static final List<Task> ALL = List.of(new PerplexityTask(), new PasskeyTask());

  private Tasks() {}
}
