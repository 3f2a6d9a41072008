package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.GgufFile;
import dev.lengthwise.tokenizer.GgufDefaults;
import dev.lengthwise.tokenizer.GgufVocabulary;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Finds the tokenizer of a model: inside its GGUF file, or beside its weights.
///
/// Only what needs text needs a tokenizer, so that a model without one still reads token ids.
public final class TokenizerFinder {

  /// Control tokens that fine-tuners add to a tokenizer without a row in the embedding.
  private static final int MOST_ADDED = 64;

  private static final String TOKENS = "tokenizer.ggml.tokens";

  private TokenizerFinder() {}

  /// The tokenizer of a model.
  ///
  /// @throws LengthwiseException when there is none: the message lists the names that were looked
  ///     for; or when it is that of another model
  public static Tokenizer of(LoadedModel model) {
    Tokenizer tokenizer = find(model.checkpoint(), model.spec().vocabularySize());
    int rows = model.spec().vocabularySize();
    if (tokenizer.vocabularySize() > rows + MOST_ADDED) {
      throw new LengthwiseException(
          "Tokenizer %s has %d tokens, but the model %s has only %d; it belongs to another model."
              .formatted(tokenizer.name(), tokenizer.vocabularySize(), model.path(), rows));
    }
    return tokenizer;
  }

  private static Tokenizer find(Checkpoint checkpoint, int vocabularySize) {
    if (checkpoint instanceof GgufFile gguf && gguf.has(TOKENS)) {
      return Tokenizers.fromGguf(vocabulary(gguf));
    }
    return Tokenizers.open(file(checkpoint, vocabularySize));
  }

  /// The tokenizer file beside a checkpoint.
  ///
  /// @throws LengthwiseException when there is none
  static Path file(Checkpoint checkpoint, int vocabularySize) {
    Path path = checkpoint.path().toAbsolutePath().normalize();
    Path folder = Files.isDirectory(path) ? path : path.resolveSibling("");
    List<String> names = names(checkpoint, vocabularySize);
    return names.stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .or(() -> onlyModel(folder).stream().findFirst())
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "The model %s has no tokenizer: none of %s is in %s; copy it there, or give token ids instead of text."
                        .formatted(
                            checkpoint.path(), String.join(", ", names) + ", *.model", folder)));
  }

  // llama2.c has one tokenizer for each size of its vocabulary, and names them by it.
  private static List<String> names(Checkpoint checkpoint, int vocabularySize) {
    List<String> names = new ArrayList<>();
    names.add("tokenizer.json");
    names.add("tokenizer.model");
    if (checkpoint.format().equals("llama2.c")) {
      names.add("tok" + vocabularySize + ".bin");
      names.add("tok" + vocabularySize + ".model");
      names.add("tokenizer.bin");
    }
    return names;
  }

  // A single SentencePiece model of any name.
  private static List<Path> onlyModel(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> models =
          files
              .filter(file -> file.toString().endsWith(".model") && Files.isRegularFile(file))
              .toList();
      return models.size() == 1 ? models : List.of();
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static GgufVocabulary vocabulary(GgufFile file) {
    GgufFile.Vocabulary found = file.vocabulary();
    String pre = found.pre().orElse("");
    GgufDefaults defaults = GgufDefaults.of(found.model(), pre, found.tokens().size());
    return new GgufVocabulary(
        found.model(),
        pre,
        found.tokens().toArray(String[]::new),
        found.scores(),
        found.types(),
        found.merges().toArray(String[]::new),
        found.beginId().orElse(defaults.begin()),
        found.endId().orElse(defaults.end()),
        found.addBegin().orElse(defaults.addsBegin()),
        found.addSpacePrefix().orElse(defaults.addsSpacePrefix()),
        file::sha256);
  }
}
