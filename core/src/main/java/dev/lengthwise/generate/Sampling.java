package dev.lengthwise.generate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.SamplingStep.MinP;
import dev.lengthwise.generate.SamplingStep.Temperature;
import dev.lengthwise.generate.SamplingStep.TopK;
import dev.lengthwise.generate.SamplingStep.TopP;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// How the next token is drawn: steps from the logits to the candidates, one of which is drawn in
/// proportion to its probability.
///
/// The usual order is that of llama.cpp: bias, penalties, top-n-sigma, top-k, typical, top-p,
/// min-p, XTC, temperature, mirostat. [#with] keeps it; the constructor takes any order.
///
/// @param steps in their order
/// @param seed of the random numbers
public record Sampling(List<SamplingStep> steps, long seed) {

  /// The most likely token, always.
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0, 0);

  /// Copies the list.
  public Sampling {
    steps = List.copyOf(steps);
  }

  /// The usual filters.
  ///
  /// @param temperature divisor of the logits; 0 takes the most likely token
  /// @param topK number of most likely tokens that stay; 0 for all
  /// @param topP most likely tokens stay until their probabilities sum to this; 1 for all
  /// @param minP tokens stay that are at least this fraction of the most likely one; 0 for all
  /// @param seed of the random numbers
  public Sampling(double temperature, int topK, double topP, double minP, long seed) {
    this(usual(temperature, topK, topP, minP), seed);
  }

  private static List<SamplingStep> usual(double temperature, int topK, double topP, double minP) {
    List<SamplingStep> steps = new ArrayList<>();
    if (topK != 0) {
      steps.add(new TopK(topK));
    }
    if (topP != 1) {
      steps.add(new TopP(topP));
    }
    if (minP != 0) {
      steps.add(new MinP(minP));
    }
    if (temperature != 1) {
      steps.add(new Temperature(temperature));
    }
    return steps;
  }

  /// The same with another step, at its usual place and in place of one of its kind.
  public Sampling with(SamplingStep step) {
    List<SamplingStep> changed = new ArrayList<>(steps);
    changed.removeIf(other -> other.getClass() == step.getClass());
    changed.add(step);
    changed.sort(Comparator.comparingInt(Sampling::rank));
    return new Sampling(changed, seed);
  }

  /// Refuses a bias for a token that a model does not have.
  ///
  /// @param tokens of the vocabulary
  /// @throws LengthwiseException with the id
  void requireVocabulary(int tokens) {
    for (SamplingStep step : steps) {
      if (step instanceof SamplingStep.Bias bias) {
        bias.bias().keySet().stream()
            .filter(id -> id >= tokens)
            .min(Comparator.naturalOrder())
            .ifPresent(id -> refuse(id, tokens));
      }
    }
  }

  private static void refuse(int id, int tokens) {
    throw new LengthwiseException(
        "The logit bias names token %d, and the model has tokens 0 to %d; name one of those."
            .formatted(id, tokens - 1));
  }

  /// The same with another seed.
  public Sampling withSeed(long other) {
    return new Sampling(steps, other);
  }

  private static int rank(SamplingStep step) {
    return switch (step) {
      case SamplingStep.Bias _ -> 0;
      case SamplingStep.Penalties _ -> 1;
      case SamplingStep.TopNSigma _ -> 2;
      case TopK _ -> 3;
      case SamplingStep.Typical _ -> 4;
      case TopP _ -> 5;
      case MinP _ -> 6;
      case SamplingStep.Xtc _ -> 7;
      case Temperature _ -> 8;
      case SamplingStep.Mirostat _ -> 9;
    };
  }
}
