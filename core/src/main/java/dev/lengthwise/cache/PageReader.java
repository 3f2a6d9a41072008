package dev.lengthwise.cache;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Decodes keys and values of pages in plain Java: the specification of what kernels read, and the
/// inverse of [PageWriter].
public final class PageReader {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private PageReader() {}

  /// Decodes one head of a page.
  ///
  /// @param target keys `[size, KEYS]`, or values `[⌈width / STRIDE⌉, KEYS, STRIDE]`
  public static void read(PageLayout layout, MemorySegment page, int head, float[] target) {
    long base = head * layout.headBytes();
    for (int token = 0; token < PageLayout.KEYS; token++) {
      for (int channel = 0; channel < layout.size(); channel++) {
        target[layout.decodedElement(token, channel)] = element(layout, page, base, token, channel);
      }
    }
  }

  /// One channel of one token.
  ///
  /// @param base where the head begins in the page, in bytes
  public static float element(
      PageLayout layout, MemorySegment page, long base, int token, int channel) {
    long at = base + (long) layout.element(token, channel) * layout.type().elementBytes();
    return switch (layout.type()) {
      case F32 -> page.get(FLOAT, at);
      case BF16 -> Float.intBitsToFloat(page.get(SHORT, at) << 16);
      case Q8_0 -> {
        long scale = base + layout.scaleOffset(token, channel / layout.type().group());
        yield Float.float16ToFloat(page.get(SHORT, scale)) * page.get(ValueLayout.JAVA_BYTE, at);
      }
    };
  }
}
