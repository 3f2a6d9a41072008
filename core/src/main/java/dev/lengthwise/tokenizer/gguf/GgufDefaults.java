package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.tokenizer.PreTokenizer;
import dev.lengthwise.tokenizer.PreTokenizers;

/// What llama.cpp assumes where a GGUF file leaves out a key of its tokenizer
/// (`src/llama-vocab.cpp`).
///
/// The end of a text is never added: no kind of vocabulary that runs here does so without
/// `add_eos_token`, and a prompt that ends could not go on. Decoding gives the bytes of the tokens,
/// as llama.cpp prints them while it generates; its clean-up of spaces is for other uses.
///
/// @param begin id of the begin of text, or −1
/// @param end id of the end of text, or −1
/// @param addsBegin whether prompts start with `begin` (`add_bos_token`)
/// @param addsSpacePrefix whether a space is put before a text (`add_space_prefix`)
public record GgufDefaults(int begin, int end, boolean addsBegin, boolean addsSpacePrefix) {

  /// The one id that stands for both in byte-level files without ids: that of Falcon, the first of
  /// them.
  private static final int FALCON_END = 11;

  /// The assumptions for a file.
  ///
  /// @param model `tokenizer.ggml.model`
  /// @param pre `tokenizer.ggml.pre`; empty when absent
  /// @param size number of tokens; ids beyond are none
  public static GgufDefaults of(String model, String pre, int size) {
    return switch (model) {
      case "llama" -> new GgufDefaults(id(1, size), id(2, size), true, true);
      case "gpt2" -> byteLevel(pre, size);
      default -> new GgufDefaults(-1, -1, false, false);
    };
  }

  private static GgufDefaults byteLevel(String pre, int size) {
    PreTokenizer.Begin begin =
        PreTokenizers.named(pre)
            .map(PreTokenizer::begin)
            .orElse(PreTokenizer.Begin.LEFT_OUT); // an unknown name is refused when it is opened
    int end = id(FALCON_END, size);
    return switch (begin) {
      case ADDED -> new GgufDefaults(end, end, true, false);
      case LEFT_OUT -> new GgufDefaults(end, end, false, false);
      case ABSENT -> new GgufDefaults(-1, end, false, false);
    };
  }

  private static int id(int id, int size) {
    return id < size ? id : -1;
  }
}
