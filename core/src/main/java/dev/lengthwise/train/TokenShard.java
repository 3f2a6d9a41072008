package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Sha256;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Token ids of many documents, one after the other, memory-mapped: `NAME.tokens` (unsigned 16-bit,
/// little-endian) and its manifest `NAME.json`.
public final class TokenShard implements AutoCloseable {

  /// Largest vocabulary that 16 bits hold.
  public static final int MAXIMUM_VOCABULARY = 1 << 16;

  private static final ValueLayout.OfShort ID =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ShardManifest manifest;
  private final Arena arena;
  private final MemorySegment ids;

  private TokenShard(ShardManifest manifest, Arena arena, MemorySegment ids) {
    this.manifest = manifest;
    this.arena = arena;
    this.ids = ids;
  }

  /// Writes a shard, the manifest last.
  ///
  /// @param folder where to
  /// @param name name of the shard
  /// @param tokenizer what made the ids
  /// @param documents ids of each document
  /// @param sources what the documents were read from
  public static void write(
      Path folder, String name, Tokenizer tokenizer, List<int[]> documents, List<String> sources) {
    int vocabulary = tokenizer.vocabularySize();
    if (vocabulary > MAXIMUM_VOCABULARY) {
      throw new LengthwiseException(
          "A vocabulary of "
              + vocabulary
              + " tokens does not fit 16 bits; expected at most "
              + MAXIMUM_VOCABULARY
              + ".");
    }
    long tokens = documents.stream().mapToLong(document -> document.length).sum();
    if (tokens == 0) {
      throw new LengthwiseException(
          "The corpus of shard " + folder.resolve(name) + " is empty; expected at least one text.");
    }
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.toIntExact(Short.BYTES * tokens)).order(ByteOrder.LITTLE_ENDIAN);
    List<Long> starts = new ArrayList<>();
    for (int[] document : documents) {
      starts.add((long) buffer.position() / Short.BYTES);
      for (int id : document) {
        buffer.putShort((short) id);
      }
    }
    AtomicFiles.write(folder.resolve(name + ".tokens"), buffer.array());
    AtomicFiles.writeJson(
        folder.resolve(name + ".json"),
        new ShardManifest(
            tokenizer.sha256(), vocabulary, tokens, starts, Sha256.of(buffer.array()), sources));
  }

  /// Opens a shard and checks it against its manifest and the tokenizer.
  ///
  /// Throws [LengthwiseException] when a file is missing, damaged, or made by another tokenizer.
  public static TokenShard open(Path folder, String name, Tokenizer tokenizer) {
    Path file = folder.resolve(name + ".tokens");
    ShardManifest manifest =
        AtomicFiles.readJson(folder.resolve(name + ".json"), ShardManifest.class);
    if (!manifest.tokenizer().equals(tokenizer.sha256())
        || manifest.vocabularySize() != tokenizer.vocabularySize()) {
      throw new LengthwiseException(
          "Shard %s was made by the tokenizer %s with %d tokens, but %s is %s with %d; prepare the"
                  .formatted(
                      file,
                      manifest.tokenizer(),
                      manifest.vocabularySize(),
                      tokenizer.name(),
                      tokenizer.sha256(),
                      tokenizer.vocabularySize())
              + " data again.");
    }
    Arena arena = Arena.ofShared();
    try {
      TokenShard shard = new TokenShard(manifest, arena, map(file, arena));
      shard.check(file);
      return shard;
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment map(Path file, Arena arena) {
    try (FileChannel channel = FileChannel.open(file)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + e, e);
    }
  }

  private void check(Path file) {
    if (ids.byteSize() != manifest.tokens() * Short.BYTES || ids.byteSize() == 0) {
      throw new LengthwiseException(
          "Shard %s has %d bytes; its manifest expects %d tokens of 2 bytes; prepare the data again."
              .formatted(file, ids.byteSize(), manifest.tokens()));
    }
    var digest = Sha256.digest();
    digest.update(ids.asByteBuffer());
    String found = Sha256.text(digest);
    if (!found.equals(manifest.sha256())) {
      throw new LengthwiseException(
          "Shard %s has SHA-256 %s; its manifest expects %s; prepare the data again."
              .formatted(file, found, manifest.sha256()));
    }
    long previous = -1;
    for (long start : manifest.documents()) {
      if (start <= previous || start >= manifest.tokens()) {
        throw new LengthwiseException(
            "The manifest of shard %s lists a document at token %d after one at %d of %d; prepare"
                    .formatted(file, start, previous, manifest.tokens())
                + " the data again.");
      }
      previous = start;
    }
    for (long place = 0; place < manifest.tokens(); place++) {
      if (id(place) >= manifest.vocabularySize()) {
        throw new LengthwiseException(
            "Shard %s holds the id %d at token %d; expected ids below %d; prepare the data again."
                .formatted(file, id(place), place, manifest.vocabularySize()));
      }
    }
  }

  /// The manifest.
  public ShardManifest manifest() {
    return manifest;
  }

  /// The id at `place`, from 0.
  public int id(long place) {
    return Short.toUnsignedInt(ids.get(ID, place * Short.BYTES));
  }

  /// Copies `count` ids from `place` on to `target` from `offset` on.
  void copy(long place, int count, long[] target, int offset) {
    for (int token = 0; token < count; token++) {
      target[offset + token] = id(place + token);
    }
  }

  /// Unmaps the ids.
  @Override
  public void close() {
    arena.close();
  }
}
