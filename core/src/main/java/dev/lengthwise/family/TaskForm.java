package dev.lengthwise.family;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Norm;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How a family makes the head of a task, and what its files call the weights.
///
/// @param reading which states it reads
/// @param inner the layer between states and answers
/// @param rows names of its weights; none where all weights have their own
record TaskForm(TaskHead.Reading reading, Optional<TaskHead.Inner> inner, List<NameRow> rows) {

  private static final String POOLED = "classifier";
  private static final String PLACES = "qa_outputs";

  /// A pooler.
  static final TaskHead.Inner TANH = new TaskHead.Inner(Activation.TANH, true, Norm.NONE);

  /// Copies the list.
  TaskForm {
    rows = List.copyOf(rows);
  }

  /// BERT's heads: a pooler for what is said of a whole text, nothing else for each token.
  ///
  /// @param prefix of the names of the encoder
  static TaskForm bert(TaskHead.Kind kind, String prefix) {
    return kind == TaskHead.Kind.CLASSIFICATION || kind == TaskHead.Kind.CHOICE
        ? of(TaskHead.Reading.FIRST, POOLED).inner(TANH, prefix + "pooler.dense")
        : each(kind);
  }

  /// A product with the state of each token.
  static TaskForm each(TaskHead.Kind kind) {
    return of(TaskHead.Reading.EACH, kind == TaskHead.Kind.READING ? PLACES : POOLED);
  }

  /// A product with a state.
  ///
  /// @param name of its module
  static TaskForm of(TaskHead.Reading reading, String name) {
    return new TaskForm(reading, Optional.empty(), List.of(NameRow.of(name, Slot.TASK_OUTPUT)));
  }

  /// A head of two layers with one name.
  static TaskForm twoLayers(TaskHead.Inner inner) {
    return of(TaskHead.Reading.FIRST, POOLED + ".out_proj").inner(inner, POOLED + ".dense");
  }

  /// A product with the state that a header chooses, the last one where it does not say.
  ///
  /// @throws dev.lengthwise.LengthwiseException of another summary than three that there are
  static TaskForm summary(Settings config) {
    TaskHead.Reading reading =
        switch (config.text(TaskHeads.SUMMARY).orElse(TaskHeads.LAST)) {
          case TaskHeads.LAST -> TaskHead.Reading.LAST;
          case TaskHeads.FIRST -> TaskHead.Reading.FIRST;
          case "mean" -> TaskHead.Reading.MEAN;
          default -> throw config.bad(TaskHeads.SUMMARY, "\"first\", \"last\" or \"mean\"");
        };
    if (config.flag("summary_use_proj", false)) {
      throw config.bad("summary_use_proj", "false, the only value supported");
    }
    return of(reading, POOLED);
  }

  /// The same with a layer before the answers.
  ///
  /// @param name of its module
  TaskForm inner(TaskHead.Inner other, String name) {
    return new TaskForm(reading, Optional.of(other), rows).with(NameRow.of(name, Slot.TASK_DENSE));
  }

  /// The same with another name of a weight.
  TaskForm with(NameRow row) {
    List<NameRow> all = new ArrayList<>(rows);
    all.add(row);
    return new TaskForm(reading, inner, all);
  }
}
