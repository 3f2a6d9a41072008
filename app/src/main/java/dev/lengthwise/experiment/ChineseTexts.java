package dev.lengthwise.experiment;

import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.text.Documents;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import dev.lengthwise.tokenizer.train.TokenizerTrainer;
import dev.lengthwise.train.data.DataMix;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.DataSource;
import dev.lengthwise.train.data.TokenizerChoice;
import dev.lengthwise.train.data.Windows;
import dev.lengthwise.train.data.WordLexicon;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What Chinese encoders are pretrained on: the novel beside the project, and the texts of the
/// training pairs; of tiny runs, the made-up pairs alone. Texts that validate or test are never
/// among them.
///
/// Characters are tokens. Words, which are hidden as a whole, are what byte pairs that are merged
/// in the order of their frequency spell: there is no dictionary here.
///
/// @param scale tiny runs read nothing beside the project
/// @param sizes pairs of each set
record ChineseTexts(Scale scale, PairSet.Sizes sizes) {

  private static final String TRAINING = "training";
  private static final List<String> MARKS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
  private static final int FEWEST = 3;

  /// Why they cannot be read here, in one sentence.
  Optional<String> obstacle(Workshop workshop) {
    return scale.choose(PairSet.obstacle(workshop), Optional.empty());
  }

  /// The pairs of a set.
  PairSet.Split pairs(PairSet set, Workshop workshop) {
    return switch (scale) {
      case FULL, LONG -> set.read(workshop, sizes);
      case TINY -> set.madeUp();
    };
  }

  /// Where texts come from, for protocols.
  String source() {
    return scale.choose(
        "Dream of the Red Chamber and the texts of training pairs", "made-up pairs");
  }

  /// What windows are drawn from.
  static DataMix mix() {
    return new DataMix(
        List.of(new DataMix.Share(TRAINING, Windows.CROPS, 1)),
        new DataMix.HeldOut(DataPreparation.VALIDATION, Windows.CROPS),
        List.of());
  }

  /// Settings that decide the data.
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("texts", source());
    settings.put("pairs_of_a_set", List.of(sizes.training(), sizes.validation(), sizes.test()));
    settings.put("tokens", "characters that occur at least " + FEWEST + " times");
    settings.put("merges_that_make_words", merges());
    return settings;
  }

  private int merges() {
    return scale.choose(20_000, 100);
  }

  /// The prepared data, which is made where it is not finished: `vocab.txt`, words and shards.
  Path prepared(Workshop workshop) {
    Path folder = workshop.folder().resolve("pretraining");
    Path finished = folder.resolve("finished");
    if (JsonFiles.holds(finished, settings())) {
      return folder;
    }
    Set<String> training = new LinkedHashSet<>();
    Set<String> validation = new LinkedHashSet<>();
    for (PairSet set : PairSet.values()) {
      PairSet.Split split = pairs(set, workshop);
      add(training, split.training());
      add(validation, split.validation());
    }
    if (scale != Scale.TINY) {
      Path novel = workshop.sharedData("texts/chinese/hongloumeng.txt");
      Documents.whole(novel).text().lines().map(String::strip).forEach(training::add);
    }
    training.removeIf(String::isBlank);
    Path texts = workshop.folder().resolve("texts");
    write(texts.resolve("training.jsonl"), documents(training));
    write(texts.resolve("validation.jsonl"), documents(validation));
    write(texts.resolve("vocab.txt"), characters(training));
    Map<String, List<DataSource>> shards = new LinkedHashMap<>();
    shards.put(TRAINING, lines(texts.resolve("training.jsonl")));
    shards.put(DataPreparation.VALIDATION, lines(texts.resolve("validation.jsonl")));
    new DataPreparation(new TokenizerChoice.Existing(texts.resolve("vocab.txt")), shards)
        .writeTo(folder, workshop.log());
    write(folder.resolve(WordLexicon.FILE), words(training, texts));
    JsonFile.write(finished, settings());
    return folder;
  }

  private static void add(Set<String> texts, List<LabelledPair> pairs) {
    for (LabelledPair pair : pairs) {
      texts.add(pair.first());
      texts.add(pair.second());
    }
  }

  private static List<DataSource> lines(Path file) {
    return List.of(new DataSource.JsonLines(file, "text"));
  }

  private static List<String> documents(Set<String> texts) {
    return texts.stream().map(text -> JsonFile.line(Map.of("text", text))).toList();
  }

  private static void write(Path file, List<String> lines) {
    AtomicFile.writeText(file, writer -> writer.write(String.join("\n", lines) + "\n"));
  }

  private static List<String> characters(Set<String> texts) {
    Map<Integer, Integer> counts = new TreeMap<>();
    texts.stream()
        .flatMapToInt(text -> text.toLowerCase(Locale.ROOT).codePoints())
        .forEach(character -> counts.merge(character, 1, Integer::sum));
    List<String> pieces = new ArrayList<>(MARKS);
    counts.forEach(
        (character, count) -> {
          if (count >= FEWEST && !Character.isWhitespace(character)) {
            String piece = Character.toString(character);
            pieces.add(piece);
            if (character < 128 && Character.isLetterOrDigit(character)) {
              pieces.add("##" + piece);
            }
          }
        });
    return pieces;
  }

  // Pieces of at least two ideographs; the others are characters, parts of them, or marks.
  private List<String> words(Set<String> texts, Path folder) {
    TokenizerTrainer trainer = new TokenizerTrainer();
    texts.forEach(trainer::add);
    Path file = folder.resolve("tokenizer.json");
    trainer.train(merges() + 258, List.of("<|begin|>", "<|end|>")).writeTo(file);
    Tokenizer pieces = Tokenizers.open(file);
    List<String> words = new ArrayList<>();
    for (int id = 0; id < pieces.vocabularySize(); id++) {
      String piece = new String(pieces.bytes(id), StandardCharsets.UTF_8);
      if (piece.codePointCount(0, piece.length()) > 1
          && piece.codePoints().allMatch(Character::isIdeographic)) {
        words.add(piece);
      }
    }
    return words;
  }
}
