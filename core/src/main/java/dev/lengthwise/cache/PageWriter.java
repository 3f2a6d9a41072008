package dev.lengthwise.cache;

import dev.lengthwise.quantised.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Encodes single keys and values into pages. Scalar, for every width: a token is written once and
/// read many times. [CompiledPageWriter] is its twin.
public final class PageWriter {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final float MOST = 127;

  private PageWriter() {}

  /// Writes one token of one head.
  ///
  /// @param page the memory of the page
  /// @param token place within the page
  /// @param vector its channels, from index `from` on
  public static void write(
      PageLayout layout, MemorySegment page, int head, int token, float[] vector, int from) {
    long base = head * layout.headBytes();
    switch (layout.type()) {
      case F32 -> {
        for (int channel = 0; channel < layout.size(); channel++) {
          long at = base + (long) layout.element(token, channel) * Float.BYTES;
          page.set(FLOAT, at, vector[from + channel]);
        }
      }
      case BF16 -> {
        for (int channel = 0; channel < layout.size(); channel++) {
          long at = base + (long) layout.element(token, channel) * Short.BYTES;
          page.set(SHORT, at, Bfloat16.round(vector[from + channel]));
        }
      }
      case Q8_0 -> {
        for (int group = 0; group < layout.groups(); group++) {
          writeGroup(layout, page, base, token, vector, from, group);
        }
      }
    }
  }

  /// Turns a vector in place: pair `m`, channels `m` and `m + pairs`, by the phases of a token.
  ///
  /// @param at index of the first channel
  /// @param phases `[tokens, 2, pairs]`: for each token all cosines, then all sines
  public static void turn(float[] vector, int at, float[] phases, int token, int pairs) {
    turn(vector, at, phases, token, pairs, 0);
  }

  /// The same of pairs from `firstPair` on.
  public static void turn(
      float[] vector, int at, float[] phases, int token, int pairs, int firstPair) {
    int cosines = token * 2 * pairs;
    for (int pair = firstPair; pair < pairs; pair++) {
      float low = vector[at + pair];
      float high = vector[at + pairs + pair];
      float cos = phases[cosines + pair];
      float sin = phases[cosines + pairs + pair];
      vector[at + pair] = low * cos - high * sin;
      vector[at + pairs + pair] = low * sin + high * cos;
    }
  }

  private static void writeGroup(
      PageLayout layout,
      MemorySegment page,
      long base,
      int token,
      float[] vector,
      int from,
      int group) {
    int first = group * layout.type().group();
    int until = Math.min(layout.size(), first + layout.type().group());
    float greatest = 0;
    for (int channel = first; channel < until; channel++) {
      greatest = Math.max(greatest, Math.abs(vector[from + channel]));
    }
    short half = Float.floatToFloat16(greatest / MOST);
    page.set(SHORT, base + layout.scaleOffset(token, group), half);
    float scale = Float.float16ToFloat(half);
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int channel = first; channel < until; channel++) {
      // The scale was rounded, so that the greatest element may round to 128.
      float rounded = (float) Math.rint(vector[from + channel] * inverse);
      byte value = (byte) Math.clamp(rounded, -MOST, MOST);
      page.set(ValueLayout.JAVA_BYTE, base + layout.element(token, channel), value);
    }
  }
}
