package dev.lengthwise.experiment;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.text.Documents;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Passages of novels, and questions after one place of each: some words of that place, of which
/// three in ten are missing. Tiny runs have made-up words in place of novels.
///
/// @param training words of the novels that an encoder learns from
/// @param held words of others, in which passages are sought
record NovelPassages(List<String> training, List<String> held) {

  private static final int WORDS_OF_QUESTION = 16;
  private static final double MISSING = 0.3;
  private static final int HELD_NOVELS = 8;
  private static final int MADE_UP_WORDS = 6000;
  private static final List<String> MARKS = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
  private static final List<String> SYLLABLES =
      List.of("ba", "ne", "tor", "mi", "lu", "san", "ker", "od", "fi", "gra");

  /// A passage and what is asked of it.
  ///
  /// @param text the passage
  /// @param question some of its words
  record Asked(String text, String question) {}

  /// Why the novels cannot be read here.
  static Optional<String> obstacle(Workshop workshop) {
    Path folder = folder(workshop);
    return Files.isDirectory(folder)
        ? Optional.empty()
        : Optional.of(
            "The novels are not at %s of the project, so nothing is sought in them."
                .formatted(workshop.told(folder)));
  }

  private static Path folder(Workshop workshop) {
    return workshop.sharedData("texts/litbank");
  }

  /// The words of all novels; every fourth is held out.
  static NovelPassages read(Workshop workshop) {
    List<Path> files;
    try (Stream<Path> inside = Files.list(folder(workshop))) {
      files = inside.filter(file -> file.toString().endsWith(".txt")).sorted().toList();
    } catch (IOException e) {
      throw new LengthwiseException(
          "The novels at %s cannot be read: %s".formatted(folder(workshop), FileReason.of(e)), e);
    }
    List<String> training = new ArrayList<>();
    List<String> held = new ArrayList<>();
    int each = Math.max(2, files.size() / HELD_NOVELS);
    for (int n = 0; n < files.size(); n++) {
      String text = Documents.whole(files.get(n)).text().toLowerCase(Locale.ROOT);
      (n % each == 0 ? held : training).addAll(List.of(text.strip().split("\\s+", -1)));
    }
    return new NovelPassages(training, held);
  }

  /// Words that mean nothing, frequent ones more often than rare ones.
  static NovelPassages madeUp() {
    CounterRandom random = new CounterRandom(42, 0);
    List<String> words = new ArrayList<>();
    for (int n = 0; n < MADE_UP_WORDS; n++) {
      int syllables = random.between(1, 3);
      StringBuilder word = new StringBuilder();
      for (int part = 0; part < syllables; part++) {
        word.append(SYLLABLES.get((int) random.below(SYLLABLES.size())));
      }
      words.add(word.toString());
    }
    int half = MADE_UP_WORDS / 2;
    return new NovelPassages(words.subList(0, half), words.subList(half, MADE_UP_WORDS));
  }

  /// The lines of a `vocab.txt`: the most frequent words of the training, and single characters for
  /// all others.
  List<String> vocabulary(int most) {
    Map<String, Integer> counts = new TreeMap<>();
    TreeMap<String, Integer> characters = new TreeMap<>();
    for (String word : training) {
      word.chars()
          .filter(character -> character < 128)
          .forEach(character -> characters.merge(Character.toString(character), 1, Integer::sum));
      for (String part : word.split("[^a-z]+", -1)) {
        if (part.length() > 1) {
          counts.merge(part, 1, Integer::sum);
        }
      }
    }
    List<String> pieces = new ArrayList<>(MARKS);
    characters.navigableKeySet().forEach(pieces::add);
    characters.navigableKeySet().stream()
        .filter(character -> Character.isLetterOrDigit(character.charAt(0)))
        .forEach(character -> pieces.add("##" + character));
    counts.entrySet().stream()
        .sorted((one, other) -> other.getValue() - one.getValue())
        .limit(Math.max(0, most - pieces.size()))
        .forEach(entry -> pieces.add(entry.getKey()));
    return pieces;
  }

  /// Passages that begin anywhere in some words.
  ///
  /// @param tokens of a passage at most, without marks; the last word may be left out
  /// @param seed decides places and missing words
  static List<Asked> asked(
      List<String> words, int count, int tokens, Tokenizer tokenizer, long seed) {
    Map<String, Integer> lengths = new HashMap<>();
    List<Asked> all = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      CounterRandom random = new CounterRandom(seed, n);
      int start = (int) random.below(Math.max(1, words.size() - tokens));
      List<String> passage = new ArrayList<>();
      int read = 0;
      for (int at = start; at < words.size(); at++) {
        read += lengths.computeIfAbsent(words.get(at), word -> tokenizer.encode(word).length);
        if (read > tokens) {
          break;
        }
        passage.add(words.get(at));
      }
      all.add(new Asked(String.join(" ", passage), question(passage, random)));
    }
    return all;
  }

  private static String question(List<String> passage, CounterRandom random) {
    int size = Math.min(WORDS_OF_QUESTION, passage.size());
    int from = (int) random.below(passage.size() - size + 1L);
    List<String> kept = new ArrayList<>();
    for (int n = from; n < from + size; n++) {
      if (random.nextDouble() >= MISSING || (kept.isEmpty() && n == from + size - 1)) {
        kept.add(passage.get(n));
      }
    }
    return String.join(" ", kept);
  }
}
