package dev.lengthwise.tokenizer;

import java.util.Map;
import java.util.OptionalInt;

/// Turns text into token ids and ids into text. Every implementation is immutable and may be used
/// by several threads at once.
public interface Tokenizer {

  /// Number of ids: every id lies in `[0, vocabularySize())`.
  int vocabularySize();

  /// The ids of `text` alone: no begin or end of text is added, and the name of a control token
  /// inside the text is ordinary text. Unpaired surrogates are read as `?`.
  int[] encode(String text);

  /// The raw UTF-8 bytes that the token adds to decoded text, possibly a part of a character; empty
  /// for control tokens. An id outside the vocabulary is a [dev.lengthwise.LengthwiseException].
  byte[] bytes(int id);

  /// The text of `ids`, read as the begin of a text: what [StreamingDecoder] gives for all of them.
  default String decode(int[] ids) {
    StreamingDecoder decoder = new StreamingDecoder(this);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.next(id));
    }
    return text.append(decoder.flush()).toString();
  }

  /// The ids of the tokens that no text spells, by name: those that mark begin, end and roles, and
  /// the unknown one.
  default Map<String, Integer> controlTokens() {
    return Map.of();
  }

  /// The id that marks the begin of a text, where the vocabulary has one.
  OptionalInt beginOfText();

  /// The id that marks the end of a text, where the vocabulary has one.
  OptionalInt endOfText();

  /// Whether a prompt normally starts with [#beginOfText()].
  boolean addsBeginOfText();

  /// Whether [#encode(String)] puts a space before the text that decoding takes away again, as
  /// SentencePiece models do.
  default boolean addsLeadingSpace() {
    return false;
  }

  /// SHA-256 (lower-case hexadecimal) of the file or files that the tokenizer came from.
  String sha256();

  /// A short name for reports, such as the file name.
  String name();

  /// The ids of a prompt: the begin of text, where a prompt normally has it, then the ids of
  /// `text`.
  default int[] encodePrompt(String text) {
    int[] ids = encode(text);
    if (!addsBeginOfText() || beginOfText().isEmpty()) {
      return ids;
    }
    int[] prompt = new int[ids.length + 1];
    prompt[0] = beginOfText().getAsInt();
    System.arraycopy(ids, 0, prompt, 1, ids.length);
    return prompt;
  }
}
