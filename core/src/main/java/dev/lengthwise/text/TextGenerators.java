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
          new Needle(),
          new Reverse(),
          new BucketSort());

  private TextGenerators() {}

  /// The generator called `name`; [LengthwiseException] that lists the known ones.
  public static TextGenerator of(String name) {
    return ALL.stream()
        .filter(generator -> generator.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "There is no generator of texts called '%s'; known are %s."
                        .formatted(name, ALL.stream().map(TextGenerator::name).toList())));
  }
}
