package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizers;
import java.util.Optional;
import java.util.OptionalInt;

/// What llama.cpp assumes where a GGUF file leaves out a key of its tokenizer
/// (`src/llama-vocab.cpp`).
///
/// Decoding gives the bytes of the tokens, as llama.cpp prints them while it generates; its
/// clean-up of spaces is for other uses.
///
/// @param marks the begin and the end of a text
/// @param spacePrefix whether a space is put before a text (`add_space_prefix`)
/// @param alwaysBegins whether prompts start with the begin of text even where a file says that
///     they do not
public record GgufDefaults(GgufVocabulary.Marks marks, boolean spacePrefix, boolean alwaysBegins) {

  /// The one id that stands for both in byte-level files without ids: that of Falcon, the first of
  /// them.
  private static final int FALCON_END = 11;

  private static final int END_OF_T5 = 1;
  private static final int BERT_BEGIN = 101;
  private static final int BERT_END = 102;

  /// The assumptions for a file.
  ///
  /// @param model `tokenizer.ggml.model`
  /// @param pre `tokenizer.ggml.pre`; empty when absent
  /// @param size number of tokens; ids beyond are none
  public static GgufDefaults of(String model, String pre, int size) {
    return switch (model) {
      case "llama" ->
          new GgufDefaults(
              new GgufVocabulary.Marks(id(1, size), id(2, size), true, false), true, false);
      case "t5" ->
          new GgufDefaults(
              new GgufVocabulary.Marks(-1, id(END_OF_T5, size), false, true), false, false);
      case "bert" ->
          new GgufDefaults(
              new GgufVocabulary.Marks(id(BERT_BEGIN, size), id(BERT_END, size), true, true),
              false,
              true);
      case "gpt2" -> bytePair(pre, id(FALCON_END, size));
      case "gemma4" -> bytePair(model, -1);
      default -> new GgufDefaults(GgufVocabulary.Marks.NONE, false, false);
    };
  }

  private static GgufDefaults bytePair(String pre, int both) {
    PreTokenizer.Begin begin =
        PreTokenizers.named(pre)
            .map(PreTokenizer::begin)
            .orElse(PreTokenizer.Begin.LEFT_OUT); // an unknown name is refused when it is opened
    boolean adds = begin == PreTokenizer.Begin.ADDED || begin == PreTokenizer.Begin.ALWAYS;
    int first = begin == PreTokenizer.Begin.ABSENT ? -1 : both;
    return new GgufDefaults(
        new GgufVocabulary.Marks(first, both, adds, false),
        false,
        begin == PreTokenizer.Begin.ALWAYS);
  }

  private static int id(int id, int size) {
    return id < size ? id : -1;
  }

  /// The marks of a file that says some of it.
  public GgufVocabulary.Marks marks(
      OptionalInt begin, OptionalInt end, Optional<Boolean> addsBegin, Optional<Boolean> addsEnd) {
    return new GgufVocabulary.Marks(
        begin.orElse(marks.begin()),
        end.orElse(marks.end()),
        alwaysBegins || addsBegin.orElse(marks.addsBegin()),
        addsEnd.orElse(marks.addsEnd()));
  }
}
