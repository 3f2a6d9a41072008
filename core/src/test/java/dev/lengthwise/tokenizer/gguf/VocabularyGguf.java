package dev.lengthwise.tokenizer.gguf;

import dev.lengthwise.checkpoint.gguf.GgufFile;
import java.nio.file.Path;

/// The vocabulary of a GGUF file as the tokenizers take it.
final class VocabularyGguf {

  private VocabularyGguf() {}

  static GgufVocabulary read(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      GgufFile.Vocabulary vocabulary = file.vocabulary();
      String pre = vocabulary.pre().orElse("");
      GgufDefaults defaults = GgufDefaults.of(vocabulary.model(), pre, vocabulary.tokens().size());
      return new GgufVocabulary(
          vocabulary.model(),
          pre,
          vocabulary.tokens().toArray(String[]::new),
          vocabulary.scores(),
          vocabulary.types(),
          vocabulary.merges().toArray(String[]::new),
          vocabulary.beginId().orElse(defaults.begin()),
          vocabulary.endId().orElse(defaults.end()),
          vocabulary.addBegin().orElse(defaults.addsBegin()),
          vocabulary.addSpacePrefix().orElse(defaults.addsSpacePrefix()),
          file::sha256);
    }
  }
}
