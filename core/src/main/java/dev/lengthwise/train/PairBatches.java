package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.parallel.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/// The pairs of every step: each epoch goes through all of them in an order of its own, which the
/// seed decides alone. What is left at the end of an epoch and does not fill a batch is skipped.
final class PairBatches {

  private final List<LabelledPair> pairs;
  private final int size;
  private final long seed;
  private long epoch = -1;
  private List<LabelledPair> order = List.of();

  PairBatches(List<LabelledPair> pairs, int size, long seed) {
    if (pairs.size() < size) {
      throw new LengthwiseException(
          "There are %d pairs for training, and task.pairs is %d; set it to at most that."
              .formatted(pairs.size(), size));
    }
    this.pairs = pairs;
    this.size = size;
    this.seed = seed;
  }

  /// The pairs of a step, the first being 1. Steps are asked for in their order.
  List<LabelledPair> of(int step) {
    int batches = pairs.size() / size;
    long wanted = (step - 1L) / batches;
    if (wanted != epoch) {
      epoch = wanted;
      order = shuffled(new CounterRandom(seed, epoch));
    }
    int first = (step - 1) % batches * size;
    return order.subList(first, first + size);
  }

  // R. Durstenfeld 1964, "Algorithm 235: random permutation".
  private List<LabelledPair> shuffled(CounterRandom random) {
    List<LabelledPair> all = new ArrayList<>(pairs);
    for (int last = all.size() - 1; last > 0; last--) {
      int other = Math.toIntExact(random.below(last + 1L));
      LabelledPair moved = all.set(last, all.get(other));
      all.set(other, moved);
    }
    return all;
  }
}
