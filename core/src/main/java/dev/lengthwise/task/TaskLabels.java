package dev.lengthwise.task;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.TaskHead;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The labels of a task.
public final class TaskLabels {

  private TaskLabels() {}

  /// The labels that examples have: classes in the order of their numbers or names, or the tags of
  /// every kind of entity, `O` first. None where answers have no names.
  ///
  /// @throws LengthwiseException where there are fewer than two classes, or no entity
  public static List<String> of(TaskHead.Kind kind, List<TaskExample> examples) {
    return switch (kind) {
      case CHOICE, READING -> List.of();
      case CLASSIFICATION -> classes(examples);
      case TAGGING -> tags(examples);
    };
  }

  private static List<String> classes(List<TaskExample> examples) {
    Set<String> labels = new TreeSet<>();
    for (TaskExample example : examples) {
      if (example instanceof TaskExample.Classified own) {
        own.label().ifPresent(labels::add);
      }
    }
    if (labels.size() < 2) {
      throw new LengthwiseException(
          "The examples for training have the labels %s; a classification needs at least two."
              .formatted(labels));
    }
    boolean numbers = labels.stream().allMatch(label -> label.matches("-?\\d{1,9}"));
    return labels.stream()
        .sorted(numbers ? Comparator.comparingInt(Integer::parseInt) : Comparator.naturalOrder())
        .toList();
  }

  private static List<String> tags(List<TaskExample> examples) {
    Set<String> kinds = new TreeSet<>();
    for (TaskExample example : examples) {
      if (example instanceof TaskExample.Tagged own) {
        Entity.of(own.tags().orElse(List.of())).forEach(entity -> kinds.add(entity.kind()));
      }
    }
    if (kinds.isEmpty()) {
      throw new LengthwiseException(
          "The examples for training have no entity, so there is nothing to learn; label some.");
    }
    List<String> tags = new ArrayList<>(List.of(Entity.OUTSIDE));
    kinds.forEach(
        kind -> Stream.of(true, false).map(begins -> Entity.tag(kind, begins)).forEach(tags::add));
    return tags;
  }

  /// The number of a label.
  ///
  /// @param place of its example, for the message
  /// @throws LengthwiseException of a label that was not among those of the training
  static int index(List<String> labels, String label, String place) {
    int index = labels.indexOf(label);
    if (index < 0) {
      throw new LengthwiseException(
          "%s has the label \"%s\", which the model was not trained on; it knows %s."
              .formatted(place, label, String.join(", ", labels)));
    }
    return index;
  }
}
