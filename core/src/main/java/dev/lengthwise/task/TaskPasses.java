package dev.lengthwise.task;

import dev.lengthwise.model.TaskHead;
import java.util.ArrayList;
import java.util.List;

/// How the texts of a batch are shared out among forward passes, so that memory stays bounded
/// however many windows long texts have.
public final class TaskPasses {

  /// Tokens of a pass at most; one text may have more.
  public static final int TOKENS = 4096;

  private TaskPasses() {}

  /// The inputs of each pass, in their order. The choices of an example stay together, since they
  /// are compared; windows of a text need not.
  ///
  /// @param inputs that know what is wanted
  /// @param tokens of a pass at most, where it has more than one input
  public static List<List<TaskInput>> of(TaskHead.Kind kind, List<TaskInput> inputs, int tokens) {
    List<List<TaskInput>> passes = new ArrayList<>();
    long held = Long.MAX_VALUE;
    for (TaskInput input : kind == TaskHead.Kind.CHOICE ? inputs : windows(inputs)) {
      if (held > tokens - (long) input.tokens()) {
        passes.add(new ArrayList<>());
        held = 0;
      }
      passes.getLast().add(input);
      held += input.tokens();
    }
    return passes;
  }

  private static List<TaskInput> windows(List<TaskInput> inputs) {
    List<TaskInput> windows = new ArrayList<>();
    for (TaskInput input : inputs) {
      for (int n = 0; n < input.texts().size(); n++) {
        windows.add(new TaskInput(List.of(input.texts().get(n)), List.of(input.wanted().get(n))));
      }
    }
    return windows;
  }
}
