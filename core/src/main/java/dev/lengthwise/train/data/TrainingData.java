package dev.lengthwise.train.data;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.TokenizerFiles;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// The prepared data of a training: tokenizer and shards of one folder.
public final class TrainingData implements AutoCloseable {

  private final Path folder;
  private final DataMix mix;
  private final Tokenizer tokenizer;
  private final Map<String, TokenShard> shards = new LinkedHashMap<>();

  private TrainingData(Path folder, DataMix mix) {
    this.folder = folder;
    this.mix = mix;
    this.tokenizer = tokenizer(folder);
  }

  /// Opens the shards of `mix` in the folder that [DataPreparation] wrote.
  ///
  /// @throws LengthwiseException when one is missing, damaged or made by another tokenizer
  public static TrainingData open(Path folder, DataMix mix) {
    TrainingData data = new TrainingData(folder, mix);
    try {
      mix.shards().forEach(data::openShard);
      return data;
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /// The tokenizer of a folder of data.
  ///
  /// @throws LengthwiseException when there is none
  public static Tokenizer tokenizer(Path folder) {
    return Tokenizers.open(
        TokenizerFiles.in(folder)
            .orElseThrow(
                () ->
                    new LengthwiseException(
                        "Data folder %s has none of %s; make the folder with 'lengthwise prepare', or name another."
                            .formatted(folder, String.join(", ", TokenizerFiles.TOKENIZERS)))));
  }

  private void openShard(String name) {
    Path place = folder.resolve(name);
    if (!Files.exists(place.resolve(TokenShard.MANIFEST))) {
      throw new LengthwiseException(
          "Data folder %s has no shard '%s', only %s; prepare it, or name another in the settings."
              .formatted(folder, name, found()));
    }
    shards.put(name, TokenShard.open(place, tokenizer));
  }

  private List<String> found() {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside
          .filter(path -> Files.exists(path.resolve(TokenShard.MANIFEST)))
          .map(path -> String.valueOf(path.getFileName()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new LengthwiseException(
          "Data folder " + folder + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// The folder.
  public Path folder() {
    return folder;
  }

  /// What is drawn from the shards.
  public DataMix mix() {
    return mix;
  }

  /// The tokenizer.
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /// The shard called `name`, which the mix names.
  TokenShard shard(String name) {
    return Objects.requireNonNull(shards.get(name));
  }

  /// What decides every window beside the settings: the manifests of the shards, and which words
  /// are hidden as a whole.
  public String identity() {
    StringBuilder text = new StringBuilder();
    shards.forEach((name, shard) -> text.append(name).append(' ').append(shard.manifest()));
    return text.append(WordLexicon.identity(folder)).toString();
  }

  /// Checks that every shard that windows are cut from has at least one, and the vocabulary.
  ///
  /// @param length tokens of a window
  /// @param vocabularySize of the model
  public void check(int length, int vocabularySize) {
    mix.training().forEach(share -> check(share.shard(), share.windows(), length));
    check(mix.validation().shard(), mix.validation().windows(), length);
    if (tokenizer.vocabularySize() > vocabularySize) {
      throw new LengthwiseException(
          "The tokenizer has %d tokens, but the model's vocabulary is %d; set model.vocabularySize"
                  .formatted(tokenizer.vocabularySize(), vocabularySize)
              + " to at least the former.");
    }
  }

  /// Checks that tokens can be hidden and filled in, beside what [#check] does.
  ///
  /// @param vocabularySize of the model
  /// @return what hides them
  public Masking masking(int vocabularySize) {
    int mask = Masking.maskOf(tokenizer);
    requireMaskable(
        mask < vocabularySize,
        "the mask needs an id that the tokenizer does not use; set model.vocabularySize to at least"
            + " "
            + (tokenizer.vocabularySize() + 1));
    requireMaskable(
        mix.questions().isEmpty(),
        "data.questions are answered by models that continue texts; leave the list empty");
    Stream<Windows> kinds =
        Stream.concat(
            mix.training().stream().map(DataMix.Share::windows),
            Stream.of(mix.validation().windows()));
    requireMaskable(
        kinds.noneMatch(kind -> kind == Windows.WITHIN_DOCUMENTS),
        "windows WITHIN_DOCUMENTS end in filling, which it would see; take DOCUMENT_STARTS or"
            + " CROPS");
    shards.forEach(
        (name, shard) ->
            requireMaskable(
                !shard.manifest().prompts(),
                "shard '%s' holds questions, of which only the answers are learnt; take one of texts"
                    .formatted(name)));
    return new Masking(mask, tokenizer.vocabularySize(), WordLexicon.in(folder, tokenizer));
  }

  private static void requireMaskable(boolean condition, String reason) {
    if (!condition) {
      throw new LengthwiseException(
          "A bidirectional model (model.architecture.direction) fills in masked tokens: "
              + reason
              + ".");
    }
  }

  private void check(String name, Windows windows, int length) {
    ShardManifest manifest = shard(name).manifest();
    if (windows != Windows.WITHIN_DOCUMENTS && manifest.tokens() <= length) {
      throw new LengthwiseException(
          "Shard '%s', made from %s, has %d tokens; one window needs %d."
              .formatted(name, manifest.sources(), manifest.tokens(), length + 1));
    }
  }

  @Override
  public void close() {
    shards.values().forEach(TokenShard::close);
  }
}
