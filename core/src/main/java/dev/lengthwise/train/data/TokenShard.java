package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/// Token ids of many documents, one after the other, memory-mapped: a folder with files of ids, the
/// places of documents, and a manifest.
public final class TokenShard implements AutoCloseable {

  static final String MANIFEST = "manifest.json";

  /// Ids of a file: 512 MiB of short ones.
  private static final long TOKENS_PER_FILE = 1L << 28;

  private final ShardManifest manifest;
  private final Arena arena;
  private final List<NumberFile> ids;
  private final NumberFile places;

  private TokenShard(Path folder, ShardManifest manifest, Arena arena) {
    this.manifest = manifest;
    this.arena = arena;
    ids =
        manifest.files().stream()
            .map(file -> NumberFile.open(folder, file, manifest.bytesPerToken(), arena))
            .toList();
    places = NumberFile.open(folder, manifest.places(), Long.BYTES, arena);
  }

  /// Writes a shard.
  ///
  /// @param folder created
  /// @param tokenizer what makes the ids
  /// @param sources read one by one
  /// @return what was written
  static ShardManifest write(
      Path folder, Tokenizer tokenizer, List<DataSource> sources, Consumer<String> notices) {
    return write(folder, tokenizer, sources, TOKENS_PER_FILE, notices);
  }

  static ShardManifest write(
      Path folder,
      Tokenizer tokenizer,
      List<DataSource> sources,
      long tokensPerFile,
      Consumer<String> notices) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be made: " + FileReason.of(e), e);
    }
    try (ShardWriter writer = new ShardWriter(folder, tokenizer, tokensPerFile)) {
      DataPreparation.forEach(sources, Long.MAX_VALUE, notices, writer::add);
      return writer.finish(sources.stream().map(DataSource::description).toList());
    }
  }

  /// Opens a shard and checks it against its manifest and the tokenizer.
  ///
  /// Throws [LengthwiseException] when a file is missing, damaged, or made by another tokenizer.
  public static TokenShard open(Path folder, Tokenizer tokenizer) {
    ShardManifest manifest = JsonFile.read(folder.resolve(MANIFEST), ShardManifest.class);
    if (!manifest.tokenizer().equals(tokenizer.sha256())
        || manifest.vocabularySize() != tokenizer.vocabularySize()) {
      throw new LengthwiseException(
          "Shard %s was made by the tokenizer %s with %d tokens, but %s is %s with %d; prepare the"
                  .formatted(
                      folder,
                      manifest.tokenizer(),
                      manifest.vocabularySize(),
                      tokenizer.name(),
                      tokenizer.sha256(),
                      tokenizer.vocabularySize())
              + " data again.");
    }
    Arena arena = Arena.ofShared();
    try {
      TokenShard shard = new TokenShard(folder, manifest, arena);
      shard.check(folder);
      return shard;
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private void check(Path folder) {
    long stored = manifest.files().stream().mapToLong(ShardManifest.StoredFile::count).sum();
    if (stored != manifest.tokens()
        || manifest.places().count() != 2 * manifest.documents()
        || manifest.documents() < 1) {
      throw new LengthwiseException(
          "The manifest of shard %s lists %d tokens and %d documents, but its files have %d and %d;"
                  .formatted(
                      folder,
                      manifest.tokens(),
                      manifest.documents(),
                      stored,
                      manifest.places().count() / 2)
              + " prepare the data again.");
    }
  }

  /// The manifest.
  public ShardManifest manifest() {
    return manifest;
  }

  /// Number of ids.
  public long tokens() {
    return manifest.tokens();
  }

  /// Number of documents.
  public long documents() {
    return manifest.documents();
  }

  /// The id at `place`, from 0.
  public int id(long place) {
    int file = (int) (place / manifest.tokensPerFile());
    return (int) ids.get(file).get(place % manifest.tokensPerFile());
  }

  /// `count` ids from `place` on.
  long[] ids(long place, int count) {
    long[] some = new long[count];
    for (int token = 0; token < count; token++) {
      some[token] = id(place + token);
    }
    return some;
  }

  /// Where `document` begins.
  public long start(long document) {
    return places.get(2 * document);
  }

  /// Where the next document begins.
  public long end(long document) {
    return document + 1 < documents() ? start(document + 1) : tokens();
  }

  /// The first token of `document` that is learnt.
  long learntFrom(long document) {
    return places.get(2 * document + 1);
  }

  /// The document that the token at `place` belongs to.
  long documentAt(long place) {
    long low = 0;
    long high = documents() - 1;
    while (low < high) {
      long middle = (low + high + 1) >>> 1;
      if (start(middle) <= place) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// Unmaps the ids.
  @Override
  public void close() {
    arena.close();
  }
}
