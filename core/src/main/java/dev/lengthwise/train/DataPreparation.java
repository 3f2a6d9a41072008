package dev.lengthwise.train;

import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.TokenizerTrainer;
import dev.lengthwise.tokenizer.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Turns a corpus into what [TrainingData] opens: a tokenizer, and the texts as token ids.
///
/// @param trainingJars `sources` jars to learn from
/// @param validationJars `sources` jars that only measure
/// @param vocabularySize ids of the tokenizer
/// @param retrievalDocuments number of retrieval documents
/// @param seed decides the retrieval documents
public record DataPreparation(
    List<Path> trainingJars,
    List<Path> validationJars,
    int vocabularySize,
    int retrievalDocuments,
    long seed) {

  /// Begins a document.
  public static final String BEGIN = "<|begin|>";

  /// Ends a document.
  public static final String END = "<|end|>";

  private static final int RETRIEVAL_TEXTS_OF_TOKENIZER = 500;

  /// Copies the lists.
  public DataPreparation {
    trainingJars = List.copyOf(trainingJars);
    validationJars = List.copyOf(validationJars);
  }

  /// Writes tokenizer and shards to `folder`.
  public void writeTo(Path folder, Consumer<String> log) {
    List<String> training = texts(SourceJars.read(trainingJars));
    List<String> validation = texts(SourceJars.read(validationJars));
    RetrievalDocuments retrieval = new RetrievalDocuments(seed);
    log.accept("learning %d tokens from %d files".formatted(vocabularySize, training.size()));
    List<String> all =
        Stream.concat(
                training.stream(),
                IntStream.range(0, RETRIEVAL_TEXTS_OF_TOKENIZER).mapToObj(retrieval::text))
            .toList();
    Path file = folder.resolve(TrainingData.TOKENIZER);
    TokenizerTrainer.train(all, vocabularySize, List.of(BEGIN, END)).writeTo(file);
    Tokenizer tokenizer = Tokenizers.open(file);
    List<String> questions =
        LongStream.range(0, retrievalDocuments).mapToObj(retrieval::text).toList();
    write(folder, TrainingData.TRAINING, tokenizer, training, names(trainingJars), log);
    write(
        folder,
        TrainingData.RETRIEVAL,
        tokenizer,
        questions,
        List.of("retrieval documents of seed " + seed),
        log);
    write(folder, TrainingData.VALIDATION, tokenizer, validation, names(validationJars), log);
  }

  private static void write(
      Path folder,
      String name,
      Tokenizer tokenizer,
      List<String> texts,
      List<String> sources,
      Consumer<String> log) {
    List<int[]> documents = new ArrayList<>();
    for (String text : texts) {
      documents.add(framed(tokenizer, text));
    }
    TokenShard.write(folder, name, tokenizer, documents, sources);
    long tokens = documents.stream().mapToLong(ids -> ids.length).sum();
    long characters = texts.stream().mapToLong(String::length).sum();
    log.accept(
        "%s: %d documents, %d characters, %d tokens"
            .formatted(name, texts.size(), characters, tokens));
  }

  /// Begin, text, end.
  private static int[] framed(Tokenizer tokenizer, String text) {
    int[] inner = tokenizer.encode(text);
    int[] ids = new int[inner.length + 2];
    ids[0] = tokenizer.beginOfText().orElseThrow();
    System.arraycopy(inner, 0, ids, 1, inner.length);
    ids[ids.length - 1] = tokenizer.endOfText().orElseThrow();
    return ids;
  }

  private static List<String> texts(List<SourceFile> files) {
    return files.stream().map(SourceFile::text).toList();
  }

  private static List<String> names(List<Path> jars) {
    return jars.stream().map(jar -> jar.getFileName().toString()).toList();
  }
}
