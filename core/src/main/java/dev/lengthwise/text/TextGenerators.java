package dev.lengthwise.text;

import dev.lengthwise.LengthwiseException;
import java.util.List;

/// The catalogue of generators: a new one is one file and one line here.
public final class TextGenerators {

  /// All generators.
  public static final List<TextGenerator> ALL =
      List.of(
          new RetrievalDocuments(),
          new EvenPairs(),
          new KeyValueRecall(),
          new DigitRecall(),
          new Reverse(),
          new BucketSort());

  // Settings and shards of before have this name.
  private static final String FORMER_DIGIT_RECALL = "needle";

  private TextGenerators() {}

  /// The generator called `name`; [LengthwiseException] that lists the known ones.
  public static TextGenerator of(String name) {
    String current = name.equals(FORMER_DIGIT_RECALL) ? "digit-recall" : name;
    return ALL.stream()
        .filter(generator -> generator.name().equals(current))
        .findFirst()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "There is no generator of texts called '%s'; known are %s."
                        .formatted(name, ALL.stream().map(TextGenerator::name).toList())));
  }
}
