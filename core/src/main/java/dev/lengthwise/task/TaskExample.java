package dev.lengthwise.task;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// One example of a task, with what is known of its answer.
public sealed interface TaskExample {

  /// Where it stands, for messages: `Line 3 of FILE`.
  String place();

  /// Whether its answer is known.
  boolean isLabelled();

  /// A text, or a pair of texts, of a class.
  record Classified(String place, String text, Optional<String> pair, Optional<String> label)
      implements TaskExample {

    @Override
    public boolean isLabelled() {
      return label.isPresent();
    }
  }

  /// Several texts, one of which goes on with, or answers, another.
  ///
  /// @param answer number of the right choice, from 0
  record Choice(String place, String text, List<String> choices, OptionalInt answer)
      implements TaskExample {

    /// Copies the list.
    public Choice {
      choices = List.copyOf(choices);
    }

    @Override
    public boolean isLabelled() {
      return answer.isPresent();
    }
  }

  /// A question about a text that may hold its answer.
  ///
  /// @param answers parts of the context, any of which is right; none where there is no answer
  /// @param isLabelled whether the answers are known
  record Question(
      String place, String question, String context, List<Answer> answers, boolean isLabelled)
      implements TaskExample {

    /// Copies the list.
    public Question {
      answers = List.copyOf(answers);
    }
  }

  /// A part of a text.
  ///
  /// @param start its first character
  record Answer(String text, int start) {

    /// The character behind its last one.
    int end() {
      return start + text.length();
    }
  }

  /// A text whose words have tags.
  ///
  /// @param words its words in their order
  /// @param tags one for each word
  record Tagged(String place, String text, List<Span> words, Optional<List<String>> tags)
      implements TaskExample {

    /// Copies the lists.
    public Tagged {
      words = List.copyOf(words);
      tags = tags.map(List::copyOf);
    }

    @Override
    public boolean isLabelled() {
      return tags.isPresent();
    }
  }

  /// Some characters of a text.
  ///
  /// @param start the first
  /// @param end the one behind the last
  record Span(int start, int end) {}
}
