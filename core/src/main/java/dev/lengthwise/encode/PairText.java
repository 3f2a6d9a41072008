package dev.lengthwise.encode;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.tokenizer.IntList;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;

/// Two texts as one, for encoders that read them together: `begin A end B end`, with type 1 from
/// `B` on where the model tells types apart. RoBERTa, which has one type only, puts `end` twice
/// between them.
public final class PairText {

  private PairText() {}

  /// The text of a pair.
  ///
  /// @param longest tokens at most; of the longer side the last ones are left out
  /// @throws LengthwiseException where the tokenizer has no marks
  public static WholeText of(
      Tokenizer tokenizer, ModelSpec spec, String first, String second, long longest) {
    if (tokenizer.endOfText().isEmpty()) {
      throw new LengthwiseException(
          "The tokenizer %s has no token for the end of a text, which stands between two that are read together; take an encoder."
              .formatted(tokenizer.name()));
    }
    int types = spec.embedding().types();
    boolean doubled = types == 1;
    int marks = (tokenizer.beginOfText().isPresent() ? 1 : 0) + (doubled ? 3 : 2);
    int room = Math.toIntExact(Math.max(2, Math.min(Integer.MAX_VALUE, longest - marks)));
    int[] one = tokenizer.encode(first);
    int[] other = tokenizer.encode(second);
    if (one.length + other.length > room) {
      int longer = Math.max(room - Math.min(one.length, other.length), room - room / 2);
      boolean firstIsLonger = one.length >= other.length;
      one = begin(one, firstIsLonger ? longer : room - longer);
      other = begin(other, firstIsLonger ? room - longer : longer);
    }
    return joined(tokenizer, one, other, types);
  }

  private static int[] begin(int[] ids, int most) {
    return Arrays.copyOf(ids, Math.min(ids.length, most));
  }

  private static WholeText joined(Tokenizer tokenizer, int[] one, int[] other, int types) {
    int end = tokenizer.endOfText().orElseThrow();
    IntList ids = new IntList();
    tokenizer.beginOfText().ifPresent(ids::add);
    ids.addAll(one);
    ids.add(end);
    if (types == 1) {
      ids.add(end);
    }
    int second = ids.size();
    ids.addAll(other);
    ids.add(end);
    int[] kinds = new int[ids.size()];
    if (types > 1) {
      Arrays.fill(kinds, second, kinds.length, 1);
    }
    return new WholeText(ids.toArray(), kinds);
  }
}
