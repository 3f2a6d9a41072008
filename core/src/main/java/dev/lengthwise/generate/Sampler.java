package dev.lengthwise.generate;

import dev.lengthwise.LengthwiseException;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Draws tokens from logits. The same seed and the same logits give the same tokens.
public final class Sampler {

  private final Sampling sampling;
  private final SplittableRandom random;

  /// A sampler that starts at the seed of `sampling`.
  public Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new SplittableRandom(sampling.seed());
  }

  /// Draws one token.
  ///
  /// @param logits one for each token of the vocabulary
  public int next(float[] logits) {
    int greatest = greatest(logits);
    if (sampling.temperature() == 0) {
      return greatest;
    }
    double top = logits[greatest];
    List<Candidate> candidates =
        IntStream.range(0, logits.length)
            .mapToObj(id -> new Candidate(id, Math.exp(logits[id] - top)))
            .sorted(Comparator.comparingDouble(Candidate::weight).reversed())
            .limit(sampling.topK() == 0 ? logits.length : sampling.topK())
            .toList();
    candidates = nucleus(candidates);
    double least = sampling.minP() * candidates.getFirst().weight();
    candidates = candidates.stream().filter(candidate -> candidate.weight() >= least).toList();
    return draw(candidates);
  }

  /// The most likely token; the first of equals.
  ///
  /// @throws LengthwiseException when the logits hold no number
  public static int greatest(float[] logits) {
    int greatest = 0;
    for (int id = 1; id < logits.length; id++) {
      if (logits[id] > logits[greatest]) {
        greatest = id;
      }
    }
    if (Float.isNaN(logits[greatest])) {
      throw new LengthwiseException(
          "The model's logits are not numbers (NaN): its weights are damaged, or they overflowed; "
              + "check the file, or run with --dtype f32");
    }
    return greatest;
  }

  private List<Candidate> nucleus(List<Candidate> candidates) {
    if (sampling.topP() >= 1) {
      return candidates;
    }
    double total = candidates.stream().mapToDouble(Candidate::weight).sum();
    double sum = 0;
    int kept = 0;
    while (kept < candidates.size() && sum < sampling.topP() * total) {
      sum += candidates.get(kept++).weight();
    }
    return candidates.subList(0, Math.max(1, kept));
  }

  private int draw(List<Candidate> candidates) {
    double inverse = 1 / sampling.temperature();
    double total = candidates.stream().mapToDouble(c -> Math.pow(c.weight(), inverse)).sum();
    double left = random.nextDouble() * total;
    for (Candidate candidate : candidates) {
      left -= Math.pow(candidate.weight(), inverse);
      if (left < 0) {
        return candidate.id();
      }
    }
    return candidates.getLast().id();
  }

  private record Candidate(int id, double weight) {}
}
