package dev.lengthwise.train;

import java.util.List;

/// What a [TokenShard] holds.
///
/// @param tokenizer SHA-256 of the tokenizer
/// @param vocabularySize every id is below it
/// @param tokens number of ids
/// @param documents where each document starts, ascending from 0
/// @param sha256 SHA-256 of the ids
/// @param sources what the documents were read from
public record ShardManifest(
    String tokenizer,
    int vocabularySize,
    long tokens,
    List<Long> documents,
    String sha256,
    List<String> sources) {

  /// Copies the lists.
  public ShardManifest {
    documents = List.copyOf(documents);
    sources = List.copyOf(sources);
  }
}
