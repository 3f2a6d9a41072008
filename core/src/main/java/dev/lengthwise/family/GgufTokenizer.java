package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import dev.lengthwise.tokenizer.gguf.GgufVocabulary;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.util.List;
import java.util.Optional;

/// The tokenizer beside a checkpoint as keys of GGUF.
final class GgufTokenizer {

  private static final String PREFIX = "tokenizer.ggml.";

  private GgufTokenizer() {}

  /// Puts the keys of the tokenizer, or, where GGUF cannot express it, the one that says that there
  /// is none; then the result says why.
  ///
  /// @param rows tokens of the model
  static Optional<String> put(Checkpoint checkpoint, int rows, GgufMetadata metadata) {
    try {
      put(Tokenizers.toGguf(TokenizerFinder.file(checkpoint, rows), rows), metadata);
      return Optional.empty();
    } catch (LengthwiseException e) {
      metadata.putText(PREFIX + "model", "no_vocab");
      return Optional.of("The file holds no tokenizer: " + e.getMessage());
    }
  }

  private static void put(GgufVocabulary vocabulary, GgufMetadata metadata) {
    metadata
        .putText(PREFIX + "model", vocabulary.model())
        .putText(PREFIX + "pre", vocabulary.pre())
        .putTexts(PREFIX + "tokens", List.of(vocabulary.tokens()))
        .putWholes(PREFIX + "token_type", vocabulary.types());
    if (vocabulary.scores().length > 0) {
      metadata.putFloats(PREFIX + "scores", vocabulary.scores());
    }
    if (vocabulary.merges().length > 0) {
      metadata.putTexts(PREFIX + "merges", List.of(vocabulary.merges()));
    }
    GgufVocabulary.Marks marks = vocabulary.marks();
    putId("bos_token_id", marks.begin(), metadata);
    putId("eos_token_id", marks.end(), metadata);
    metadata
        .putFlag(PREFIX + "add_bos_token", marks.addsBegin())
        .putFlag(PREFIX + "add_eos_token", marks.addsEnd());
    GgufVocabulary.Spaces spaces = vocabulary.spaces();
    switch (vocabulary.model()) {
      case "llama" -> metadata.putFlag(PREFIX + "add_space_prefix", spaces.prefix());
      case "t5" -> {
        metadata
            .putFlag(PREFIX + "add_space_prefix", spaces.prefix())
            .putFlag(PREFIX + "remove_extra_whitespaces", spaces.removeExtra());
        if (spaces.rules().length > 0) {
          metadata.putOctets(PREFIX + "precompiled_charsmap", spaces.rules());
        }
      }
      default -> {}
    }
  }

  private static void putId(String part, int id, GgufMetadata metadata) {
    if (id >= 0) {
      metadata.putWhole(PREFIX + part, id);
    }
  }
}
