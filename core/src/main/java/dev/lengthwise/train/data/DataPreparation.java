package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FolderLock;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.TokenizerFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Turns corpora into what [TrainingData] opens: a tokenizer, and shards of token ids.
///
/// @param tokenizer what makes the ids
/// @param shards what each shard is made of, by name, in order
public record DataPreparation(TokenizerChoice tokenizer, Map<String, List<DataSource>> shards) {

  /// The name that commands give to the shard that only measures.
  public static final String VALIDATION = "validation";

  /// Copies the map and checks the names.
  public DataPreparation {
    Map<String, List<DataSource>> copy = new LinkedHashMap<>();
    shards.forEach((name, sources) -> copy.put(name, List.copyOf(sources)));
    shards = Collections.unmodifiableMap(copy);
    if (shards.isEmpty()) {
      throw new LengthwiseException("There is nothing to prepare; name at least one source.");
    }
    for (Map.Entry<String, List<DataSource>> shard : shards.entrySet()) {
      if (!shard.getKey().matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
        throw new LengthwiseException(
            "Name of a shard: expected letters, digits, '.', '_' and '-', found '%s'."
                .formatted(shard.getKey()));
      }
      if (TokenizerFiles.TOKENIZERS.contains(shard.getKey())
          || TokenizerFiles.COMPANIONS.contains(shard.getKey())) {
        throw new LengthwiseException(
            "A shard may not be called '%s', which is a file of the tokenizer beside it; choose another name."
                .formatted(shard.getKey()));
      }
      if (shard.getValue().isEmpty()) {
        throw new LengthwiseException(
            "Shard '%s' has no source; name at least one.".formatted(shard.getKey()));
      }
    }
    if (tokenizer instanceof TokenizerChoice.Learnt learnt) {
      for (String name : learnt.shards()) {
        if (!shards.containsKey(name)) {
          throw new LengthwiseException(
              "The tokenizer shall be learnt from shard '%s'; expected one of %s."
                  .formatted(name, shards.keySet()));
        }
      }
    }
  }

  /// Reads a preparation; [LengthwiseException] that names the file and what is wrong in it.
  public static DataPreparation read(Path file) {
    return JsonFile.read(file, DataPreparation.class);
  }

  /// Writes tokenizer and shards to `folder`, all of them or nothing; older ones of the same names
  /// are replaced, others stay.
  ///
  /// @param log receives lines for people
  public void writeTo(Path folder, Consumer<String> log) {
    for (String name : shards.keySet()) {
      Path place = folder.resolve(name);
      if (Files.exists(place) && !Files.exists(place.resolve(TokenShard.MANIFEST))) {
        throw new LengthwiseException(
            "'" + place + "' is there already and no shard of tokens; name another folder.");
      }
    }
    try (FolderLock _ = FolderLock.of(folder)) {
      AtomicFolder.add(
          folder,
          inside -> {
            write(inside, log);
            requireOneTokenizer(folder, inside);
          });
    }
  }

  // One of another name would stay beside the new one.
  private static void requireOneTokenizer(Path folder, Path inside) {
    for (String name : TokenizerFiles.TOKENIZERS) {
      if (Files.exists(folder.resolve(name)) && !Files.exists(inside.resolve(name))) {
        throw new LengthwiseException(
            "Folder %s has the tokenizer %s already, and the new one has another name; name another folder."
                .formatted(folder, name));
      }
    }
  }

  private void write(Path folder, Consumer<String> log) {
    Tokenizer chosen = TokenizerMaker.make(this, folder, log);
    shards.forEach(
        (name, sources) -> {
          ShardManifest written = TokenShard.write(folder.resolve(name), chosen, sources, log);
          log.accept(
              "%s: %,d documents, %,d tokens of %d bytes"
                  .formatted(name, written.documents(), written.tokens(), written.bytesPerToken()));
        });
  }

  /// Hands all documents of `sources` to `reader`, one by one.
  ///
  /// @param generated most documents of a generated source
  /// @param notices gets a sentence for whatever is left out
  static void forEach(
      List<DataSource> sources,
      long generated,
      Consumer<String> notices,
      Consumer<TrainingText> reader) {
    for (DataSource source : sources) {
      long most = source instanceof DataSource.Generated ? generated : Long.MAX_VALUE;
      try (Stream<TrainingText> documents = source.documents(notices)) {
        documents.limit(most).forEach(reader);
      }
    }
  }
}
