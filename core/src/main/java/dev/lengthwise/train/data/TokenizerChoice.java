package dev.lengthwise.train.data;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lengthwise.LengthwiseException;
import java.nio.file.Path;
import java.util.List;

/// What turns texts into tokens. In JSON, `kind` says which.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = TokenizerChoice.Learnt.class, name = "bpe"),
  @JsonSubTypes.Type(value = TokenizerChoice.Bytes.class, name = "bytes"),
  @JsonSubTypes.Type(value = TokenizerChoice.Characters.class, name = "characters"),
  @JsonSubTypes.Type(value = TokenizerChoice.Existing.class, name = "file")
})
public sealed interface TokenizerChoice {

  /// Byte-level BPE, learnt from the texts of some shards; of generated texts the first 500 are
  /// enough.
  ///
  /// @param vocabularySize number of ids
  /// @param shards names of the shards to learn from
  record Learnt(int vocabularySize, List<String> shards) implements TokenizerChoice {

    /// Copies the list, which may not be empty.
    public Learnt {
      shards = List.copyOf(shards);
      if (shards.isEmpty()) {
        throw new LengthwiseException(
            "The tokenizer 'bpe' has no shard to learn from; name one that is not the validation,"
                + " or take 'bytes'.");
      }
    }
  }

  /// One token for each of the 256 bytes: writes anything, learns nothing.
  record Bytes() implements TokenizerChoice {}

  /// One token for each character that occurs, which must be ASCII: small vocabularies for
  /// generated questions. Other characters cannot be written.
  record Characters() implements TokenizerChoice {}

  /// A tokenizer that exists: a `tokenizer.json`, a SentencePiece model, a tokenizer of llama2.c, a
  /// GGUF file, or a folder with one of the first two.
  ///
  /// @param path the file or folder
  record Existing(Path path) implements TokenizerChoice {}
}
