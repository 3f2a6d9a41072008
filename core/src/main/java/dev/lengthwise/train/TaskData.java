package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.task.TaskExample;
import dev.lengthwise.task.TaskFile;
import dev.lengthwise.task.TaskLabels;
import java.nio.file.Path;
import java.util.List;

/// The examples of a training, read before the encoder is.
///
/// @param training what is learnt
/// @param validation what only measures
/// @param labels of the answers, in their order; none where answers have none
public record TaskData(
    List<TaskExample> training, List<TaskExample> validation, List<String> labels) {

  /// Copies the lists.
  public TaskData {
    training = List.copyOf(training);
    validation = List.copyOf(validation);
    labels = List.copyOf(labels);
  }

  /// Reads the files of a task.
  ///
  /// @throws LengthwiseException of a file that cannot be read, or an example without its answer
  public static TaskData read(HeadTask task) {
    List<TaskExample> training = labelled(task.training(), task);
    List<TaskExample> validation = labelled(task.validation(), task);
    List<String> given = task.givenLabels();
    return new TaskData(
        training, validation, given.isEmpty() ? TaskLabels.of(task.kind(), training) : given);
  }

  private static List<TaskExample> labelled(String file, HeadTask task) {
    List<TaskExample> examples = TaskFile.read(Path.of(file), task.kind());
    for (TaskExample example : examples) {
      if (!example.isLabelled()) {
        throw new LengthwiseException(
            "%s does not say its answer, which a training needs; add it, or leave the line out."
                .formatted(example.place()));
      }
    }
    return examples;
  }
}
