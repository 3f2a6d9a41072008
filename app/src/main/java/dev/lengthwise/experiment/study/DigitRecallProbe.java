package dev.lengthwise.experiment.study;

import dev.lengthwise.evaluate.QuestionTask;
import dev.lengthwise.experiment.Exhibit;
import dev.lengthwise.experiment.QuestionData;
import dev.lengthwise.experiment.Scale;
import dev.lengthwise.experiment.SmallModel;
import dev.lengthwise.experiment.Suite;
import dev.lengthwise.experiment.TrainedTrial;
import dev.lengthwise.experiment.TrainingTexts;
import dev.lengthwise.experiment.Trial;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Retrieval that small models do learn: the only digit among letters, found in texts as long as
/// 64 trained tokens and up to 16 times that.
final class DigitRecallProbe {

  private static final String GENERATOR = "digit-recall";
  private static final String PREFIX = "digit recall, ";
  private static final int STEPS = 400;

  private DigitRecallProbe() {}

  /// A training for each method and seed.
  ///
  /// @param methods what is trained, by name
  /// @param evaluated the methods under which each is measured, by its name
  static List<Trial> trials(
      Scale scale,
      Map<String, String> methods,
      List<Long> seeds,
      Function<String, List<String>> evaluated) {
    // With the marks of a document, its digit, the question mark and the answer, a window is full.
    int longest = scale.choose(60, 28);
    int length = scale.choose(64, 32);
    TrainingTexts questions = new QuestionData(GENERATOR, 1, longest, scale.choose(20_000, 200));
    Map<String, SmallModel> recipes = new LinkedHashMap<>();
    methods.forEach(
        (name, method) ->
            recipes.put(
                PREFIX + name, SmallModel.ofQuestions(scale, questions, method, length, STEPS)));
    return TrainedTrial.grid(
        recipes,
        seeds,
        variant -> evaluated.apply(variant.substring(PREFIX.length())),
        suite(scale, longest));
  }

  private static Suite suite(Scale scale, int longest) {
    return new Suite(
        List.of(new QuestionTask(GENERATOR)),
        scale.choose(List.of(1, 2, 4, 8, 16), List.of(1, 2)).stream()
            .map(times -> times * longest)
            .toList(),
        1,
        1,
        List.of(),
        scale.choose(100, 2));
  }

  /// The share of digits recalled, by length.
  static Exhibit exhibit() {
    return new Exhibit(
        GENERATOR,
        "Digits recalled, by number of letters (trained with up to 60; 10 % is chance)",
        new Exhibit.Across("letters", false, true),
        Exhibit.Shown.PERCENT,
        row -> row.metric().equals("answer_exact") && row.variant().startsWith(PREFIX));
  }
}
