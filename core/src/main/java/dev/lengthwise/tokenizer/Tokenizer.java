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

  /// The same ids, with the part of the text that each is.
  ///
  /// @throws dev.lengthwise.LengthwiseException of a tokenizer that cannot say
  default TextPieces pieces(String text) {
    return TextPieces.byBytes(this, text);
  }

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

  /// Whether a whole text normally ends with [#endOfText()].
  default boolean addsEndOfText() {
    return false;
  }

  /// Whether [#encode(String)] puts a space before the text that decoding takes away again, as
  /// SentencePiece models do.
  default boolean addsLeadingSpace() {
    return false;
  }

  /// Whether decoding takes away the spaces before punctuation ([SpaceCleaner]).
  default boolean cleansSpaces() {
    return false;
  }

  /// SHA-256 (lower-case hexadecimal) of the file or files that the tokenizer came from.
  String sha256();

  /// A short name for reports, such as the file name.
  String name();

  /// The ids of a prompt that is to go on: the begin of text, where a prompt normally has it, then
  /// the ids of `text`. The end of text is never there, since a text that has ended does not go on;
  /// llama.cpp's programs that write texts take no model that adds one.
  default int[] encodePrompt(String text) {
    IntList ids = new IntList();
    if (addsBeginOfText()) {
      beginOfText().ifPresent(ids::add);
    }
    ids.addAll(encode(text));
    return ids.toArray();
  }

  /// The ids of a whole text with the begin and the end that it normally has, as the libraries of
  /// Hugging Face and llama.cpp encode a text.
  default int[] encodeWhole(String text) {
    IntList ids = new IntList();
    ids.addAll(encodePrompt(text));
    if (addsEndOfText()) {
      endOfText().ifPresent(ids::add);
    }
    return ids.toArray();
  }
}
