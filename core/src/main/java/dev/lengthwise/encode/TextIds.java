package dev.lengthwise.encode;

import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;

/// The ids of texts of a bounded length.
public final class TextIds {

  private TextIds() {}

  /// The ids of a whole text, cut to `longest`: its end is left out, and what marks the end of a
  /// text stays.
  public static int[] cut(Tokenizer tokenizer, String text, long longest) {
    return cut(tokenizer, tokenizer.encodeWhole(text), longest);
  }

  static int[] cut(Tokenizer tokenizer, int[] ids, long longest) {
    if (ids.length <= longest) {
      return ids;
    }
    int[] cut = Arrays.copyOf(ids, Math.toIntExact(longest));
    if (tokenizer.addsEndOfText()) {
      cut[cut.length - 1] = ids[ids.length - 1];
    }
    return cut;
  }
}
