package dev.lengthwise.cache;

import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.position.Retention;

/// The bytes that [KeyValueTensors] will have for a text, by the rules of their growth.
///
/// While they move into greater memory they need both, for one layer at a time.
///
/// @param shape sizes and encoding
/// @param steps how the text is read
public record TensorForecast(KeyValueShape shape, ReadingSteps steps) {

  /// The bytes where `retention` says what may be forgotten.
  public long bytes(Retention retention) {
    long channels = (long) shape.heads() * (shape.headSize() + shape.valueSize());
    return capacity(retention) * channels * shape.type().elementBytes();
  }

  private long capacity(Retention retention) {
    long capacity = KeyValueTensors.FIRST_CAPACITY;
    if (retention.keepsAll()) {
      while (capacity < steps.tokens()) { // the first step that does not fit
        capacity = Math.max(2 * capacity, steps.end(steps.startBefore(capacity)));
      }
      return capacity;
    }
    // By then memory is greater than twice what is seen, and no longer grows.
    long settled = 8 * (retention.prefix() + retention.window() + steps.chunk()) + 1024;
    ReadingSteps read = steps.atMost(settled);
    long prefix = 0;
    long firstRecent = 0;
    for (long at = 0; at < read.tokens(); at = read.end(at)) {
      if (firstRecent == 0 && at >= retention.prefix()) {
        prefix = retention.prefix();
        firstRecent = prefix;
      }
      long unseen = Math.max(0, Math.min(retention.firstVisible(at), at) - firstRecent);
      firstRecent += 2 * unseen >= capacity ? unseen : 0;
      long needed = prefix + read.end(at) - firstRecent;
      capacity = needed > capacity ? Math.max(2 * capacity, needed) : capacity;
    }
    return capacity;
  }
}
