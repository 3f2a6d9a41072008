package dev.lengthwise.experiment;

import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairFile;
import dev.lengthwise.parallel.CounterRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A set of Chinese pairs of texts, for experiments on matching.
///
/// Only validation and test parts lie beside the project. A training takes most of the validation
/// part, thresholds are chosen on the rest, and the test part judges.
public enum PairSet {
  /// Questions to a payment service, most pairs not alike.
  ATEC("ATEC", 2, 32),
  /// Questions to a bank.
  BQ("BQ", 2, 32),
  /// Questions of a search engine.
  LCQMC("LCQMC", 2, 32),
  /// Sentences of an encyclopedia with words that changed places.
  PAWSX("PAWSX", 2, 64),
  /// Descriptions of pictures and news, with degrees from 0 to 5.
  STS_B("STS-B", 6, 32);

  private static final long SEED = 42;
  private static final int MADE_UP = 120;

  private final String label;
  private final int classes;
  private final int length;

  PairSet(String label, int classes, int length) {
    this.label = label;
    this.classes = classes;
    this.length = length;
  }

  /// Its name in tables.
  public String label() {
    return label;
  }

  /// Number of different labels, which are whole numbers from 0 on.
  int classes() {
    return classes;
  }

  /// Its number in tables, from 1 on.
  int place() {
    return List.of(values()).indexOf(this) + 1;
  }

  /// Tokens of a text that are read; nine of ten texts have fewer.
  int length() {
    return length;
  }

  /// How many pairs of a set are taken.
  ///
  /// @param training at most
  /// @param validation pairs that thresholds are chosen on
  /// @param test at most
  public record Sizes(int training, int validation, int test) {}

  /// Pairs that are not in one another.
  record Split(
      List<LabelledPair> training, List<LabelledPair> validation, List<LabelledPair> test) {}

  /// Why the set cannot be read here.
  static Optional<String> obstacle(Workshop workshop) {
    Path folder = workshop.sharedData("sts/zh");
    return Files.isDirectory(folder)
        ? Optional.empty()
        : Optional.of(
            "The Chinese pairs of texts are not at %s of the project, so nothing is trained on them."
                .formatted(workshop.told(folder)));
  }

  /// The pairs of the set, in an order that is always the same.
  Split read(Workshop workshop, Sizes sizes) {
    Path folder = workshop.sharedData("sts/zh").resolve(label);
    List<LabelledPair> valid = shuffled(PairFile.read(folder.resolve(label + ".valid.data")));
    List<LabelledPair> test = shuffled(PairFile.read(folder.resolve(label + ".test.data")));
    int training = Math.min(sizes.training, valid.size() - sizes.validation);
    return new Split(
        valid.subList(sizes.validation, sizes.validation + training),
        valid.subList(0, sizes.validation),
        test.subList(0, Math.min(sizes.test, test.size())));
  }

  /// Pairs that are made up, for tiny runs: texts of a subject and an action are alike where both
  /// mean the same.
  Split madeUp() {
    CounterRandom random = new CounterRandom(SEED, place() - 1);
    List<LabelledPair> all = new ArrayList<>();
    for (int n = 0; n < MADE_UP; n++) {
      int subject = (int) random.below(SUBJECTS.size());
      int other = n % 2 == 0 ? subject : (int) random.below(SUBJECTS.size());
      int action = (int) random.below(ACTIONS.size());
      boolean alike = subject == other;
      all.add(
          new LabelledPair(
              SUBJECTS.get(subject) + ACTIONS.get(action).getFirst(),
              SUBJECTS.get(other) + ACTIONS.get(action).getLast(),
              alike ? classes - 1 : 0));
    }
    int part = MADE_UP / 3;
    return new Split(
        all.subList(0, part), all.subList(part, 2 * part), all.subList(2 * part, MADE_UP));
  }

  private static final List<String> SUBJECTS = List.of("我", "老师", "学生", "医生", "猫", "孩子");
  private static final List<List<String>> ACTIONS =
      List.of(List.of("想喝茶", "要喝茶"), List.of("在看书", "正在读书"), List.of("怎么还款", "如何还钱"));

  private static List<LabelledPair> shuffled(List<LabelledPair> pairs) {
    CounterRandom random = new CounterRandom(SEED, 0);
    List<LabelledPair> all = new ArrayList<>(pairs);
    for (int last = all.size() - 1; last > 0; last--) {
      int other = Math.toIntExact(random.below(last + 1L));
      LabelledPair moved = all.set(last, all.get(other));
      all.set(other, moved);
    }
    return all;
  }
}
