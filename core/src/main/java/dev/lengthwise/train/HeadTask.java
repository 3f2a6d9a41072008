package dev.lengthwise.train;

import static dev.lengthwise.train.optimise.TrainingSetting.require;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.task.TaskModel;
import dev.lengthwise.task.TaskReader;
import java.util.List;

/// What the head of an encoder is trained for: `task` of `train.json`, chosen by its `name`.
///
/// Files are those of [dev.lengthwise.task.TaskFile].
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "name")
@JsonSubTypes({
  @JsonSubTypes.Type(value = HeadTask.Classification.class, name = "classification"),
  @JsonSubTypes.Type(value = HeadTask.Choice.class, name = "choice"),
  @JsonSubTypes.Type(value = HeadTask.Reading.class, name = "reading"),
  @JsonSubTypes.Type(value = HeadTask.Tagging.class, name = "tagging")
})
public sealed interface HeadTask {

  /// File of examples with answers.
  String training();

  /// File of examples with answers that only measures.
  String validation();

  /// Tokens of the longest text or window.
  int length();

  /// Examples of a batch.
  int examples();

  /// Share of the channels before the last product that are dropped out in training.
  double dropout();

  /// What the answers are.
  default TaskHead.Kind kind() {
    return switch (this) {
      case Classification _ -> TaskHead.Kind.CLASSIFICATION;
      case Choice _ -> TaskHead.Kind.CHOICE;
      case Reading _ -> TaskHead.Kind.READING;
      case Tagging _ -> TaskHead.Kind.TAGGING;
    };
  }

  /// How texts are read.
  default TaskReader.Limits limits() {
    return switch (this) {
      case Classification _, Choice _ -> new TaskReader.Limits(length(), 0, true);
      case Reading own -> new TaskReader.Limits(length(), own.stride, true);
      case Tagging own -> new TaskReader.Limits(length(), own.stride, true);
    };
  }

  /// Labels that the settings name; none where the training file has them, or answers have none.
  default List<String> givenLabels() {
    return switch (this) {
      case Classification own -> own.labels;
      case Tagging own -> own.labels;
      case Choice _, Reading _ -> List.of();
    };
  }

  /// Tokens of the longest answer.
  default int longest() {
    return this instanceof Reading own ? own.longestAnswer : TaskModel.LONGEST_ANSWER;
  }

  /// Classes of texts or pairs.
  ///
  /// @param labels in the order of the answers; empty: those of the training file
  record Classification(
      String training,
      String validation,
      int length,
      int examples,
      double dropout,
      List<String> labels)
      implements HeadTask {

    /// Checks the numbers.
    public Classification {
      check(length, examples, dropout);
      labels = List.copyOf(labels);
    }
  }

  /// One of several texts.
  record Choice(String training, String validation, int length, int examples, double dropout)
      implements HeadTask {

    /// Checks the numbers.
    public Choice {
      check(length, examples, dropout);
    }
  }

  /// The part of a text that answers a question.
  ///
  /// @param stride tokens that neighbouring windows share
  /// @param longestAnswer tokens of an answer at most
  record Reading(
      String training,
      String validation,
      int length,
      int stride,
      int longestAnswer,
      int examples,
      double dropout)
      implements HeadTask {

    /// Checks the numbers.
    public Reading {
      check(length, examples, dropout);
      require(stride >= 0 && 2 * stride < length, "task.stride", "below half of length", stride);
      require(longestAnswer > 0, "task.longestAnswer", "at least 1", longestAnswer);
    }
  }

  /// Tags of words.
  ///
  /// @param stride tokens that neighbouring windows share
  /// @param labels in the order of the answers; empty: those of the training file
  record Tagging(
      String training,
      String validation,
      int length,
      int stride,
      int examples,
      double dropout,
      List<String> labels)
      implements HeadTask {

    /// Checks the numbers.
    public Tagging {
      check(length, examples, dropout);
      require(stride >= 0 && 2 * stride < length, "task.stride", "below half of length", stride);
      labels = List.copyOf(labels);
    }
  }

  private static void check(int length, int examples, double dropout) {
    require(length > 2, "task.length", "at least 3", length);
    require(examples > 0, "task.examples", "at least 1", examples);
    require(dropout >= 0 && dropout < 1, "task.dropout", "from 0 to below 1", dropout);
  }
}
