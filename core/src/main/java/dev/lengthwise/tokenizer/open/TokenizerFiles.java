package dev.lengthwise.tokenizer.open;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.gguf.GgufFiles;
import dev.lengthwise.tokenizer.json.JsonTokenizer;
import dev.lengthwise.tokenizer.llama2c.Llama2cTokenizerFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The files of a tokenizer in a folder of data or of a model.
public final class TokenizerFiles {

  /// Names of tokenizers in a folder; the first that is there counts.
  public static final List<String> TOKENIZERS =
      List.of("tokenizer.json", "tokenizer.model", WordPieceFile.NAME);

  /// Files that belong to one.
  public static final List<String> COMPANIONS =
      List.of("tokenizer_config.json", "special_tokens_map.json");

  private TokenizerFiles() {}

  /// The tokenizer in a folder.
  public static Optional<Path> in(Path folder) {
    return TOKENIZERS.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  /// Copies a tokenizer with its companions. That of a GGUF file or of llama2.c becomes a
  /// SentencePiece model or a `tokenizer.json`, which gives the same ids.
  ///
  /// @param from a tokenizer file, a GGUF file, or a folder with a tokenizer
  /// @throws LengthwiseException when there is none, it is damaged, or the files cannot be written
  public static void copy(Path from, Path folder) {
    Path file = Files.isDirectory(from) ? in(from).orElseThrow(() -> none(from)) : from;
    Map<String, byte[]> files = isGguf(file) ? ofGguf(file) : of(file);
    files.forEach(
        (name, bytes) ->
            AtomicFile.write(
                folder.resolve(name), channel -> Channels.newOutputStream(channel).write(bytes)));
  }

  private static LengthwiseException none(Path folder) {
    return new LengthwiseException(
        "Folder %s has none of %s; name the file of the tokenizer."
            .formatted(folder, String.join(", ", TOKENIZERS)));
  }

  private static boolean isGguf(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
  }

  private static Map<String, byte[]> ofGguf(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      return GgufFiles.of(Tokenizers.vocabulary(file));
    }
  }

  private static Map<String, byte[]> of(Path file) {
    Tokenizer tokenizer = Tokenizers.open(file);
    byte[] content = Sources.read(file);
    if (Llama2cTokenizerFile.matches(content)) {
      return GgufFiles.of(Tokenizers.toGguf(file, tokenizer.vocabularySize()));
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    boolean json = tokenizer instanceof JsonTokenizer;
    boolean lines = WordPieceFile.matches(content, file);
    files.put(lines ? WordPieceFile.NAME : TOKENIZERS.get(json ? 0 : 1), content);
    for (String companion : COMPANIONS) {
      Path beside = file.resolveSibling(companion);
      if (Files.isRegularFile(beside)) {
        files.put(companion, Sources.read(beside));
      }
    }
    return files;
  }
}
