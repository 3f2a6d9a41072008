package dev.lengthwise.encode;

import dev.lengthwise.LengthwiseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;

/// How the hidden states of a text become one vector. Gradients flow through it.
public enum Pooling {
  /// The state of the first token, `[CLS]` in encoders called after BERT.
  CLS,
  /// The mean of all tokens.
  MEAN,
  /// The greatest number of each channel.
  MAX,
  /// The state of the last token, which alone has seen all others in a causal model.
  LAST;

  /// The pooling of a name, in any case.
  ///
  /// @throws LengthwiseException that lists the names
  public static Pooling named(String name) {
    return Arrays.stream(values())
        .filter(pooling -> pooling.label().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "'%s' is no pooling; expected one of %s."
                        .formatted(
                            name,
                            Arrays.stream(values())
                                .map(Pooling::label)
                                .collect(Collectors.joining(", ")))));
  }

  /// Its name in files and on the command line.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The vector of a text.
  ///
  /// @param hidden `[tokens, hidden]`
  /// @param left tokens at the start that means and maxima leave out: those of a prompt
  /// @return `[hidden]`
  public Tensor of(Tensor hidden, int left) {
    long tokens = hidden.size(0);
    return switch (this) {
      case CLS -> hidden.select(0, 0);
      case LAST -> hidden.select(0, tokens - 1);
      case MEAN -> counted(hidden, left).mean(0);
      case MAX -> counted(hidden, left).amax(new long[] {0}, false);
    };
  }

  // A prompt that is all of the text is not left out.
  private static Tensor counted(Tensor hidden, int left) {
    long tokens = hidden.size(0);
    return left == 0 || left >= tokens ? hidden : hidden.narrow(0, left, tokens - left);
  }
}
