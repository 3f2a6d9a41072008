package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.parallel.CounterRandom;
import java.util.ArrayList;
import java.util.List;

/// The examples of every step: each epoch goes through all of them in an order of its own, which
/// the seed decides alone. What is left at the end of an epoch and does not fill a batch is
/// skipped.
final class EpochBatches<T> {

  private final List<T> all;
  private final int size;
  private final long seed;
  private long epoch = -1;
  private List<T> order = List.of();

  /// @param noun what is in a batch, as settings call it
  EpochBatches(List<T> all, int size, long seed, String noun) {
    if (all.size() < size) {
      throw new LengthwiseException(
          "There are %d %s for training, and task.%s is %d; set it to at most that."
              .formatted(all.size(), noun, noun, size));
    }
    this.all = List.copyOf(all);
    this.size = size;
    this.seed = seed;
  }

  /// The examples of a step, the first being 1. Steps are asked for in their order.
  List<T> of(int step) {
    int batches = all.size() / size;
    long wanted = (step - 1L) / batches;
    if (wanted != epoch) {
      epoch = wanted;
      order = shuffled(new CounterRandom(seed, epoch));
    }
    int first = (step - 1) % batches * size;
    return order.subList(first, first + size);
  }

  // R. Durstenfeld 1964, "Algorithm 235: random permutation".
  private List<T> shuffled(CounterRandom random) {
    List<T> moving = new ArrayList<>(all);
    for (int last = moving.size() - 1; last > 0; last--) {
      int other = Math.toIntExact(random.below(last + 1L));
      T moved = moving.set(last, moving.get(other));
      moving.set(other, moved);
    }
    return moving;
  }
}
