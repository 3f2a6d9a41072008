package dev.lengthwise.tokenizer;

import dev.lengthwise.checkpoint.GgufFile;
import java.nio.file.Path;

/// The vocabulary of a GGUF file as the tokenizers take it.
final class VocabularyGguf {

  private VocabularyGguf() {}

  static GgufVocabulary read(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      GgufFile.Vocabulary vocabulary = file.vocabulary();
      boolean sentencePiece = vocabulary.model().equals("llama");
      return new GgufVocabulary(
          vocabulary.model(),
          vocabulary.pre().orElse(""),
          vocabulary.tokens().toArray(String[]::new),
          vocabulary.scores(),
          vocabulary.types(),
          vocabulary.merges().toArray(String[]::new),
          vocabulary.beginId().orElse(-1),
          vocabulary.endId().orElse(-1),
          vocabulary.addBegin().orElse(sentencePiece),
          vocabulary.addSpacePrefix().orElse(sentencePiece),
          file::sha256);
    }
  }
}
