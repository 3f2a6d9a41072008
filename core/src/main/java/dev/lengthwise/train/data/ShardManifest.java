package dev.lengthwise.train.data;

import java.util.List;

/// What a [TokenShard] holds: `manifest.json` in its folder.
///
/// @param tokenizer SHA-256 of the tokenizer
/// @param vocabularySize every id is below it
/// @param bytesPerToken 2 up to 65,536 tokens of vocabulary, else 4
/// @param tokens number of ids
/// @param documents number of documents
/// @param tokensPerFile ids of every file but the last
/// @param prompts whether some documents have a prompt, which is not learnt
/// @param files files of ids, one after the other
/// @param places file that says where documents begin: two numbers for each, its first token, and
///     its first token that is learnt
/// @param sources what the documents were read from
public record ShardManifest(
    String tokenizer,
    int vocabularySize,
    int bytesPerToken,
    long tokens,
    long documents,
    long tokensPerFile,
    boolean prompts,
    List<StoredFile> files,
    StoredFile places,
    List<String> sources) {

  /// Copies the lists.
  public ShardManifest {
    files = List.copyOf(files);
    sources = List.copyOf(sources);
  }

  /// A file of numbers.
  ///
  /// @param name its name
  /// @param count how many numbers
  /// @param sha256 SHA-256 of its bytes
  public record StoredFile(String name, long count, String sha256) {}
}
