package dev.lengthwise.generate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.SamplingStep.Mirostat;
import dev.lengthwise.generate.SamplingStep.Penalties;
import dev.lengthwise.tokenizer.IntList;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Draws the tokens of one text. The same seed and the same logits give the same tokens.
public final class Sampler {

  private final Sampling sampling;
  private final SplittableRandom random;
  private final IntList text = new IntList();
  private final Map<Mirostat, MirostatState> mirostats = new HashMap<>();

  /// A sampler that starts at the seed of `sampling`.
  public Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  /// Hears of tokens of the text, the prompt's and those that were drawn, which penalties count.
  public void accept(int... ids) {
    text.addAll(ids);
  }

  /// Draws one token.
  ///
  /// @param logits one for each token of the vocabulary; −∞ forbids one
  /// @throws LengthwiseException when a logit is no number
  public int next(float[] logits) {
    greatest(logits); // all must be numbers
    boolean greedy = sampling.steps().stream().anyMatch(Sampler::isGreedy);
    if (greedy && sampling.steps().stream().allMatch(Sampler::keepsMostLikely)) {
      return candidates(logits).mostLikely(); // nothing else has to be sorted
    }
    Candidates candidates = candidatesAfterSteps(logits);
    return greedy ? candidates.sorted().id(0) : candidates.id(drawRank(candidates));
  }

  /// What is left of the candidates after all steps.
  Candidates candidatesAfterSteps(float[] logits) {
    Candidates candidates = candidates(logits);
    for (SamplingStep step : sampling.steps()) {
      apply(step, candidates, logits.length);
    }
    return candidates;
  }

  private static boolean keepsMostLikely(SamplingStep step) {
    return !(step instanceof SamplingStep.Xtc || step instanceof SamplingStep.Typical);
  }

  // Bias and penalties change logits of single tokens, before anything is sorted.
  private Candidates candidates(float[] logits) {
    double[] changed = new double[logits.length];
    for (int id = 0; id < changed.length; id++) {
      changed[id] = logits[id];
    }
    for (SamplingStep step : sampling.steps()) {
      switch (step) {
        case SamplingStep.Bias bias -> bias.bias().forEach((id, value) -> add(changed, id, value));
        case Penalties penalties -> penalise(penalties, changed);
        case SamplingStep.TopNSigma _,
            SamplingStep.TopK _,
            SamplingStep.Typical _,
            SamplingStep.TopP _,
            SamplingStep.MinP _,
            SamplingStep.Xtc _,
            SamplingStep.Temperature _,
            Mirostat _ -> {}
      }
    }
    Candidates all = new Candidates(changed);
    if (all.count() == 0) {
      throw new LengthwiseException(
          "Every token is forbidden, by the logit bias or a grammar; allow at least one");
    }
    return all;
  }

  // Tokenizers may have a few tokens more than the model has rows.
  private static void add(double[] logits, int id, double value) {
    if (id < logits.length) {
      logits[id] += value;
    }
  }

  private void penalise(Penalties step, double[] logits) {
    int from = step.last() < 0 ? 0 : Math.max(0, text.size() - step.last());
    Map<Integer, Integer> counts = new HashMap<>();
    for (int id : text.from(from)) {
      counts.merge(id, 1, Integer::sum);
    }
    counts.forEach(
        (id, count) -> {
          if (id < logits.length) {
            double logit = logits[id];
            double repeated = logit > 0 ? logit / step.repetition() : logit * step.repetition();
            logits[id] = repeated - step.frequency() * count - step.presence();
          }
        });
  }

  private void apply(SamplingStep step, Candidates candidates, int vocabulary) {
    switch (step) {
      case SamplingStep.Bias _, Penalties _ -> {}
      case SamplingStep.TopNSigma own -> Truncation.apply(own, candidates);
      case SamplingStep.TopK own -> candidates.keepFirst(own.count());
      case SamplingStep.Typical own -> Truncation.apply(own, candidates);
      case SamplingStep.TopP own -> Truncation.apply(own, candidates);
      case SamplingStep.MinP own -> Truncation.apply(own, candidates);
      case SamplingStep.Xtc own -> Truncation.apply(own, candidates, random.nextDouble());
      case SamplingStep.Temperature own -> {
        if (!isGreedy(own)) {
          candidates.divide(own.divisor());
        }
      }
      case Mirostat own ->
          mirostats.computeIfAbsent(own, MirostatState::new).apply(candidates, vocabulary);
    }
  }

  // Below any distance of logits nothing but the most likely token is left.
  private static boolean isGreedy(SamplingStep step) {
    return step instanceof SamplingStep.Temperature(double divisor) && divisor < Float.MIN_NORMAL;
  }

  private int drawRank(Candidates candidates) {
    double[] shares = candidates.probabilities();
    double left = random.nextDouble();
    int rank = 0;
    while (rank < shares.length - 1 && left >= shares[rank]) {
      left -= shares[rank++];
    }
    double share = shares[rank];
    mirostats.values().forEach(state -> state.drawn(share));
    return rank;
  }

  /// The most likely token; the first of equals.
  ///
  /// @throws LengthwiseException when a logit is no number, or none is finite
  public static int greatest(float[] logits) {
    int greatest = 0;
    boolean numbers = true;
    for (int id = 0; id < logits.length; id++) {
      numbers &= !Float.isNaN(logits[id]);
      if (logits[id] > logits[greatest]) {
        greatest = id;
      }
    }
    if (!numbers || !Float.isFinite(logits[greatest])) {
      throw new LengthwiseException(
          "The model's logits are not numbers (NaN or infinite): its weights are damaged, or they "
              + "overflowed; check the file, or run with --dtype f32");
    }
    return greatest;
  }
}
