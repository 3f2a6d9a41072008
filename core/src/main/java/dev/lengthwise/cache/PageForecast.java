package dev.lengthwise.cache;

import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Retention;
import java.util.List;

/// The bytes that [KeyValuePages] will have allocated for a text, without any being allocated.
///
/// Tables never give memory back, so what counts is the most pages that are in use at once.
///
/// @param shape sizes and encoding
/// @param keyRotations the forms of keys, as of the pages
/// @param steps how the text is read
public record PageForecast(
    KeyValueShape shape, List<KeyRotation> keyRotations, ReadingSteps steps) {

  private static final int KEYS = PageLayout.KEYS;

  /// Copies the list.
  public PageForecast {
    keyRotations = List.copyOf(keyRotations);
  }

  /// The bytes under a plan, which says what is dropped.
  public long bytes(AttentionPlan plan) {
    long bytes = bytes(PageLayout.Kind.VALUES, shape.valueSize(), plan.retention());
    for (KeyRotation keyRotation : keyRotations) {
      Retention retention = keyRotation.retention(plan, keyRotations.size() == 1);
      bytes += bytes(PageLayout.Kind.KEYS, shape.headSize(), retention);
    }
    return bytes;
  }

  private long bytes(PageLayout.Kind kind, int size, Retention retention) {
    PageLayout layout = new PageLayout(kind, shape.type(), shape.heads(), size);
    return PagePool.allocatedPages(layout, mostPages(retention)) * layout.bytes();
  }

  private long mostPages(Retention retention) {
    if (retention.keepsAll()) {
      return Math.ceilDiv(steps.tokens(), KEYS);
    }
    // Nothing is dropped before the window has left the prefix; and once it has, how many pages a
    // step needs depends on where in a page it begins, which repeats after a page's worth of steps.
    long free = retention.window() + Math.ceilDiv(retention.prefix(), (long) KEYS) * KEYS;
    long first = steps.startBefore(free);
    ReadingSteps read = steps.atMost(first + (2L * KEYS + 2) * steps.chunk());
    PageCount count = new PageCount(Math.ceilDiv(retention.prefix(), (long) KEYS), first);
    long most = Math.ceilDiv(first, KEYS);
    for (long at = first; at < read.tokens(); at = read.end(at)) {
      count.drop(Math.min(retention.firstVisible(at), at) / KEYS);
      count.write(Math.ceilDiv(read.end(at), KEYS));
      most = Math.max(most, count.inUse());
    }
    return most;
  }

  /// Pages in use, by the rules of [PageTable#drop].
  private static final class PageCount {
    private final long kept;
    private long prefix;
    private long firstRecent;
    private long end;

    PageCount(long kept, long tokens) {
      this.kept = kept;
      this.end = Math.ceilDiv(tokens, KEYS);
    }

    void drop(long from) {
      if (from <= Math.max(firstRecent, kept)) {
        return;
      }
      if (firstRecent == prefix && prefix < kept) {
        prefix = Math.min(kept, end);
        firstRecent = prefix;
      }
      firstRecent = Math.max(firstRecent, Math.min(from, end));
      if (firstRecent == end) {
        firstRecent = from;
        end = from;
      }
    }

    void write(long newEnd) {
      end = Math.max(end, newEnd);
    }

    long inUse() {
      return prefix + end - firstRecent;
    }
  }
}
