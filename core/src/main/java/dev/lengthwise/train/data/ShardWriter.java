package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Writes the files of a shard into an empty folder, document by document.
final class ShardWriter implements AutoCloseable {

  /// Largest vocabulary that 16 bits hold.
  private static final int SHORT_VOCABULARY = 1 << 16;

  private final Path folder;
  private final Tokenizer tokenizer;
  private final long tokensPerFile;
  private final int width;
  private final List<ShardManifest.StoredFile> files = new ArrayList<>();
  private final NumberWriter places;
  private NumberWriter ids;
  private long tokens;
  private boolean prompts;

  /// @param tokenizer what makes the ids
  /// @param tokensPerFile ids of a file, from which on another one is begun
  ShardWriter(Path folder, Tokenizer tokenizer, long tokensPerFile) {
    this.folder = folder;
    this.tokenizer = tokenizer;
    this.tokensPerFile = tokensPerFile;
    width = tokenizer.vocabularySize() <= SHORT_VOCABULARY ? Short.BYTES : Integer.BYTES;
    places = new NumberWriter(folder.resolve("documents"), Long.BYTES);
    ids = file();
  }

  private NumberWriter file() {
    return new NumberWriter(folder.resolve("%05d.tokens".formatted(files.size())), width);
  }

  /// Adds a document: begin, prompt, text, end, where the vocabulary has marks of begin and end.
  /// Prompt and text are encoded apart, so that no token spans both.
  void add(TrainingText document) {
    int[] prompt = tokenizer.encode(document.prompt());
    int[] text = tokenizer.encode(document.text());
    if (prompt.length + text.length == 0) {
      return;
    }
    long start = tokens;
    tokenizer.beginOfText().ifPresent(this::add);
    add(prompt);
    places.add(start);
    places.add(prompt.length == 0 ? start : tokens);
    add(text);
    tokenizer.endOfText().ifPresent(this::add);
    prompts |= prompt.length > 0;
  }

  private void add(int[] some) {
    for (int id : some) {
      add(id);
    }
  }

  private void add(int id) {
    if (ids.count() == tokensPerFile) {
      files.add(ids.finish());
      ids.close();
      ids = file();
    }
    ids.add(id);
    tokens++;
  }

  /// The failure of a corpus without text.
  static LengthwiseException empty(List<String> sources) {
    return new LengthwiseException(
        "The corpus of " + sources + " is empty; expected at least one text.");
  }

  /// Writes the manifest; [LengthwiseException] when there was no text.
  ShardManifest finish(List<String> sources) {
    if (tokens == 0) {
      throw empty(sources);
    }
    files.add(ids.finish());
    ShardManifest.StoredFile stored = places.finish();
    ShardManifest manifest =
        new ShardManifest(
            tokenizer.sha256(),
            tokenizer.vocabularySize(),
            width,
            tokens,
            stored.count() / 2,
            tokensPerFile,
            prompts,
            files,
            stored,
            sources);
    JsonFile.write(folder.resolve(TokenShard.MANIFEST), manifest);
    return manifest;
  }

  @Override
  public void close() {
    ids.close();
    places.close();
  }
}
