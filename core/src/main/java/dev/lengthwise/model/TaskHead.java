package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;

/// The head of a task: `y = W h + b`, where `h` is a state, or what an inner layer makes of it.
///
/// @param kind what the answers are
/// @param reading which states it reads
/// @param inner a layer between states and answers, such as BERT's pooler
/// @param labels names of the classes or tags, in the order of the answers; empty where an answer
///     is a choice or a place
public record TaskHead(Kind kind, Reading reading, Optional<Inner> inner, List<String> labels) {

  private static final int START_AND_END = 2;

  /// What the answers of a head are, as Hugging Face's library tells its heads apart.
  public enum Kind {
    /// A class of a text, or of a pair of texts.
    CLASSIFICATION,
    /// One of several texts.
    CHOICE,
    /// The part of a text that answers a question: where it starts, and where it ends.
    READING,
    /// A tag of each token.
    TAGGING;

    /// Its name in settings and messages.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// Whether its answers have names.
    public boolean isLabelled() {
      return this == CLASSIFICATION || this == TAGGING;
    }
  }

  /// Which states a head reads.
  public enum Reading {
    /// That of the first token of a text.
    FIRST,
    /// That of the last token of a text.
    LAST,
    /// The mean of all tokens of a text.
    MEAN,
    /// Those of all tokens, each by itself.
    EACH;

    /// The states of a text that a head reads. Gradients flow through it.
    ///
    /// @param states `[tokens, hidden]`
    /// @return `[rows, hidden]`, one row except for [#EACH]
    public Tensor of(Tensor states) {
      return switch (this) {
        case FIRST -> states.narrow(0, 0, 1);
        case LAST -> states.narrow(0, states.size(0) - 1, 1);
        case MEAN -> states.mean(new long[] {0}, true, new ScalarTypeOptional());
        case EACH -> states;
      };
    }
  }

  /// `h = norm(activation(V x + c))`, as wide as the stream.
  ///
  /// @param activation between product and norm
  /// @param bias whether there is `c`
  /// @param norm of the channels, or none
  public record Inner(Activation activation, boolean bias, Norm norm) {}

  /// Checks the labels.
  public TaskHead {
    labels = List.copyOf(labels);
    if (kind.isLabelled() == labels.isEmpty() || new HashSet<>(labels).size() < labels.size()) {
      throw new IllegalArgumentException(
          "the head of a %s has the labels %s".formatted(kind.label(), labels));
    }
  }

  /// Numbers of an answer.
  public int outputs() {
    return switch (kind) {
      case CLASSIFICATION, TAGGING -> labels.size();
      case CHOICE -> 1;
      case READING -> START_AND_END;
    };
  }
}
