package dev.lengthwise.task;

import java.util.List;

/// What a model says of an example.
public sealed interface TaskPrediction {

  /// A class or a choice.
  ///
  /// @param index of the class, or number of the choice
  /// @param shares probabilities of all of them
  record OfClass(int index, List<Double> shares) implements TaskPrediction {

    /// Copies the list.
    public OfClass {
      shares = List.copyOf(shares);
    }
  }

  /// A part of a text.
  ///
  /// @param text of the best part
  /// @param start its first character
  /// @param score sum of the logits of its ends
  /// @param nothing the same of no answer: the least of all windows
  record OfAnswer(String text, int start, double score, double nothing) implements TaskPrediction {

    /// The answer, empty where none scores higher.
    ///
    /// @param nullable whether there may be no answer
    public String answer(boolean nullable) {
      return nullable && nothing > score ? "" : text;
    }
  }

  /// Tags of words.
  record OfTags(List<String> tags) implements TaskPrediction {

    /// Copies the list.
    public OfTags {
      tags = List.copyOf(tags);
    }
  }
}
