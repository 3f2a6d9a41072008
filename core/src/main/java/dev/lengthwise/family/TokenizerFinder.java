package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.TokenizerFiles;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds the tokenizer of a model: inside its GGUF file, or beside its weights.
///
/// Only what needs text needs a tokenizer, so that a model without one still reads token ids.
public final class TokenizerFinder {

  /// Control tokens that fine-tuners add to a tokenizer without a row in the embedding.
  private static final int MOST_ADDED = 64;

  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String MODEL = "tokenizer.ggml.model";

  /// Values of [#MODEL] that say that a file has no tokenizer.
  private static final List<String> NONE = List.of("no_vocab", "none");

  /// Names of files that hold a tokenizer and no weights.
  private static final Pattern TOKENIZER_FILE =
      Pattern.compile("(\\.json|\\.model|(^|[/\\\\])tok[^/\\\\]*\\.bin)$");

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

  /// The tokenizer in `path`, or that of the model in `path`, whose weights are not read: a
  /// tokenizer file, a checkpoint, or a folder with either. In a folder, a `tokenizer.json` or
  /// `tokenizer.model` comes first. That of a GGUF file cannot tell its checksum, since the file is
  /// closed.
  ///
  /// @throws LengthwiseException when there is none
  public static Tokenizer of(Path path) {
    if (Files.isDirectory(path)) {
      Optional<Path> inside = TokenizerFiles.in(path);
      if (inside.isPresent()) {
        return Tokenizers.open(inside.get());
      }
    } else if (TOKENIZER_FILE.matcher(path.toString()).find()) {
      return Tokenizers.open(path);
    }
    try (Checkpoint checkpoint = Checkpoints.open(path)) {
      return find(checkpoint, checkpoint.header().path("vocab_size").asInt());
    }
  }

  /// The tokenizer of a checkpoint, where it has one.
  static Optional<Tokenizer> ifAny(Checkpoint checkpoint, int vocabularySize) {
    return isThere(checkpoint, vocabularySize)
        ? Optional.of(find(checkpoint, vocabularySize))
        : Optional.empty();
  }

  private static Tokenizer find(Checkpoint checkpoint, int vocabularySize) {
    return checkpoint instanceof GgufFile gguf && holds(checkpoint)
        ? Tokenizers.fromGguf(Tokenizers.vocabulary(gguf))
        : Tokenizers.open(file(checkpoint, vocabularySize));
  }

  /// Whether a weight file has a tokenizer inside.
  static boolean holds(Checkpoint checkpoint) {
    return checkpoint instanceof GgufFile gguf && gguf.has(TOKENS) && !hasNone(gguf);
  }

  private static boolean hasNone(GgufFile file) {
    return NONE.contains(file.header().path(MODEL).asText());
  }

  /// The tokenizer file beside a checkpoint.
  ///
  /// @throws LengthwiseException when there is none
  static Path file(Checkpoint checkpoint, int vocabularySize) {
    return existing(checkpoint, vocabularySize)
        .orElseThrow(() -> missing(checkpoint, names(checkpoint, vocabularySize)));
  }

  private static Optional<Path> existing(Checkpoint checkpoint, int vocabularySize) {
    Path folder = folder(checkpoint);
    return names(checkpoint, vocabularySize).stream()
        .map(folder::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .or(() -> onlyModel(folder).stream().findFirst());
  }

  /// The folder in which the files beside the weights lie.
  static Path folder(Checkpoint checkpoint) {
    Path path = checkpoint.path().toAbsolutePath().normalize();
    return Files.isDirectory(path) ? path : path.resolveSibling("");
  }

  /// Whether [#of] finds a tokenizer file or vocabulary, right or wrong.
  public static boolean isThere(LoadedModel model) {
    return isThere(model.checkpoint(), model.spec().vocabularySize());
  }

  private static boolean isThere(Checkpoint checkpoint, int vocabularySize) {
    return holds(checkpoint) || existing(checkpoint, vocabularySize).isPresent();
  }

  private static LengthwiseException missing(Checkpoint checkpoint, List<String> names) {
    String why =
        checkpoint instanceof GgufFile gguf && hasNone(gguf)
            ? " (its %s is \"%s\")".formatted(MODEL, gguf.header().path(MODEL).asText())
            : "";
    return new LengthwiseException(
        "The model %s has no tokenizer%s: none of %s is in %s; copy it there."
            .formatted(
                checkpoint.path(),
                why,
                String.join(", ", names) + ", *.model",
                folder(checkpoint)));
  }

  // llama2.c has one tokenizer for each size of its vocabulary, and names them by it.
  private static List<String> names(Checkpoint checkpoint, int vocabularySize) {
    List<String> names = new ArrayList<>(TokenizerFiles.TOKENIZERS);
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
      throw new LengthwiseException("Folder " + folder + " cannot be read: " + FileReason.of(e), e);
    }
  }
}
