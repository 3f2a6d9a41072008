package dev.lengthwise.evaluate;

import java.util.List;

/// The catalogue of tasks: a new task is one file and one line here.
public final class Tasks {

  /// The tasks that `compare` shows.
  public static final List<Task> COMPARED = List.of(new PerplexityTask(), new PasskeyTask());

  /// All tasks.
  public static final List<Task> ALL =
      List.of(
          new PerplexityTask(),
          new PerplexityTask(PerplexityTask.Texts.REPEATED),
          new PasskeyTask(),
          new ContinuationTask(),
          new MaskedTokensTask(),
          new QuestionTask("even-pairs"),
          new QuestionTask("key-value"),
          new QuestionTask("digit-recall"),
          new QuestionTask("reverse"),
          new QuestionTask("bucket-sort"));

  private Tasks() {}
}
