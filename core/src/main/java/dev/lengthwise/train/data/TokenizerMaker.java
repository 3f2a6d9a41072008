package dev.lengthwise.train.data;

import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.TokenizerFiles;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import dev.lengthwise.tokenizer.train.TrainedTokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Puts the tokenizer of a [DataPreparation] into its folder.
final class TokenizerMaker {

  /// Marks of begin and end of a document.
  private static final List<String> MARKS = List.of("<|begin|>", "<|end|>");

  /// Generated texts are alike: some show all words.
  private static final long GENERATED_TEXTS = 500;

  private TokenizerMaker() {}

  /// Writes the tokenizer to `folder` and opens it.
  static Tokenizer make(DataPreparation preparation, Path folder, Consumer<String> log) {
    Path file = folder.resolve(TokenizerFiles.TOKENIZERS.getFirst());
    switch (preparation.tokenizer()) {
      case TokenizerChoice.Learnt learnt -> learn(preparation, learnt, log).writeTo(file);
      case TokenizerChoice.Bytes() -> TrainedTokenizer.ofBytes(MARKS).writeTo(file);
      case TokenizerChoice.Characters() ->
          TrainedTokenizer.ofCharacters(MARKS, characters(preparation)).writeTo(file);
      case TokenizerChoice.Existing(Path path) -> TokenizerFiles.copy(path, folder);
    }
    return TrainingData.tokenizer(folder);
  }

  private static TrainedTokenizer learn(
      DataPreparation preparation, TokenizerChoice.Learnt learnt, Consumer<String> log) {
    TokenizerTrainer trainer = new TokenizerTrainer();
    for (String shard : learnt.shards()) {
      AtomicLong characters = new AtomicLong();
      List<DataSource> sources = Objects.requireNonNull(preparation.shards().get(shard));
      DataPreparation.forEach(
          sources,
          GENERATED_TEXTS,
          _ -> {}, // said when the shard is written
          document -> {
            characters.addAndGet(document.all().length());
            trainer.add(document.all());
          });
      if (characters.get() == 0) {
        throw ShardWriter.empty(sources.stream().map(DataSource::description).toList());
      }
    }
    log.accept("learning %,d tokens".formatted(learnt.vocabularySize()));
    return trainer.train(learnt.vocabularySize(), MARKS);
  }

  /// All characters of all shards.
  private static String characters(DataPreparation preparation) {
    TreeSet<Character> found = new TreeSet<>();
    for (List<DataSource> sources : preparation.shards().values()) {
      DataPreparation.forEach(
          sources,
          Long.MAX_VALUE,
          _ -> {},
          document -> document.all().chars().forEach(one -> found.add((char) one)));
    }
    StringBuilder text = new StringBuilder();
    found.forEach(text::append);
    return text.toString();
  }
}
