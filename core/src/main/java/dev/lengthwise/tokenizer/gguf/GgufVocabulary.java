package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.tokenizer.EndNames;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.function.Supplier;

/// The vocabulary that a GGUF file carries under `tokenizer.ggml.*`. The arrays are not copied: the
/// caller must not change them afterwards.
///
/// @param model `tokenizer.ggml.model`: `llama`, `t5`, `gpt2` or `gemma4`
/// @param pre `tokenizer.ggml.pre`, how text is cut into words; empty when absent
/// @param tokens the text of every token
/// @param scores one score a token; empty when absent
/// @param types one type a token (1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6
///     byte); empty when absent, which means all normal
/// @param merges `left right` in the order of preference; empty when absent
/// @param marks the begin and the end of a text
/// @param spaces what is done to a text before it is cut; only for `llama` and `t5`
/// @param source the file
@SuppressWarnings("ArrayRecordComponent") // tens of thousands of values, straight from the reader
public record GgufVocabulary(
    String model,
    String pre,
    String[] tokens,
    float[] scores,
    int[] types,
    String[] merges,
    Marks marks,
    Spaces spaces,
    Source source) {

  private static final int NORMAL = 1;
  private static final int CONTROL = 3;

  /// The begin and the end of a text.
  ///
  /// @param begin its id, or −1
  /// @param end its id, or −1
  /// @param addsBegin whether prompts start with `begin`
  /// @param addsEnd whether whole texts end with `end`
  public record Marks(int begin, int end, boolean addsBegin, boolean addsEnd) {

    /// No marks.
    public static final Marks NONE = new Marks(-1, -1, false, false);

    /// Those of a tokenizer.
    static Marks of(Tokenizer tokenizer) {
      return new Marks(
          tokenizer.beginOfText().orElse(-1),
          tokenizer.endOfText().orElse(-1),
          tokenizer.addsBeginOfText(),
          tokenizer.addsEndOfText());
    }
  }

  /// What is done to a text before it is cut into pieces.
  ///
  /// @param prefix whether a space is put before it
  /// @param removeExtra whether runs of spaces become one, and those at both ends go
  /// @param rules SentencePiece's table of replacements (`precompiled_charsmap`); empty for none
  public record Spaces(boolean prefix, boolean removeExtra, byte[] rules) {

    /// Nothing but perhaps a space before the text.
    public static Spaces prefix(boolean prefix) {
      return new Spaces(prefix, false, new byte[0]);
    }
  }

  /// Where a vocabulary is from.
  ///
  /// @param name for messages
  /// @param sha256 computed when asked for, while the file is open: that reads all of it
  public record Source(String name, Supplier<String> sha256) {}

  // As in llama.cpp, tokens that end turns are control tokens, whatever a converter made of them.
  // One that merges spell is a word like others.
  int type(int id) {
    if (EndNames.contains(tokens[id]) && !isMerged(tokens[id])) {
      return CONTROL;
    }
    return types.length == 0 ? NORMAL : types[id];
  }

  private boolean isMerged(String token) {
    return Arrays.stream(merges)
        .anyMatch(
            merge -> merge.length() == token.length() + 1 && merge.replace(" ", "").equals(token));
  }
}
