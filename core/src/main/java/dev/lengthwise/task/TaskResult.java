package dev.lengthwise.task;

import dev.lengthwise.model.TaskHead;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How well predictions agree with what is known.
///
/// @param task its name
/// @param examples that were judged
/// @param measures by name, the one that counts first; shares of 1
public record TaskResult(String task, int examples, Map<String, Double> measures) {

  /// Keeps the order.
  public TaskResult {
    measures = new LinkedHashMap<>(measures);
  }

  /// The measure that counts.
  public Map.Entry<String, Double> first() {
    return measures.entrySet().iterator().next();
  }

  /// Judges predictions of examples whose answers are known.
  ///
  /// @param answers how texts are compared
  public static TaskResult of(
      TaskHead head,
      List<TaskExample> examples,
      List<TaskPrediction> predictions,
      AnswerMeasures answers) {
    Map<String, Double> measures =
        switch (head.kind()) {
          case CLASSIFICATION -> ofClasses(head, examples, predictions);
          case CHOICE -> ofChoices(examples, predictions);
          case READING -> ofAnswers(examples, predictions, answers);
          case TAGGING -> ofTags(examples, predictions);
        };
    return new TaskResult(head.kind().label(), examples.size(), measures);
  }

  private static Map<String, Double> ofClasses(
      TaskHead head, List<TaskExample> examples, List<TaskPrediction> predictions) {
    int[] classes = new int[examples.size()];
    for (int n = 0; n < classes.length; n++) {
      TaskExample.Classified own = (TaskExample.Classified) examples.get(n);
      classes[n] = TaskLabels.index(head.labels(), own.label().orElseThrow(), own.place());
    }
    return new ClassMeasures(classes, indices(predictions), head.labels().size()).all();
  }

  private static int[] indices(List<TaskPrediction> predictions) {
    return predictions.stream()
        .mapToInt(prediction -> ((TaskPrediction.OfClass) prediction).index())
        .toArray();
  }

  private static Map<String, Double> ofChoices(
      List<TaskExample> examples, List<TaskPrediction> predictions) {
    int[] chosen = indices(predictions);
    int right = 0;
    for (int n = 0; n < chosen.length; n++) {
      right += ((TaskExample.Choice) examples.get(n)).answer().orElseThrow() == chosen[n] ? 1 : 0;
    }
    return Map.of("accuracy", (double) right / chosen.length);
  }

  private static Map<String, Double> ofAnswers(
      List<TaskExample> examples, List<TaskPrediction> predictions, AnswerMeasures compared) {
    boolean nullable = isNullable(examples);
    double exact = 0;
    double f1 = 0;
    for (int n = 0; n < examples.size(); n++) {
      List<String> right = texts((TaskExample.Question) examples.get(n));
      String found = ((TaskPrediction.OfAnswer) predictions.get(n)).answer(nullable);
      exact += compared.exact(found, right);
      f1 += compared.f1(found, right);
    }
    Map<String, Double> measures = new LinkedHashMap<>();
    measures.put("f1", f1 / examples.size());
    measures.put("exactMatch", exact / examples.size());
    return measures;
  }

  /// Whether there are questions without an answer, so that a model may find none.
  public static boolean isNullable(List<TaskExample> examples) {
    return examples.stream()
        .anyMatch(
            example ->
                example instanceof TaskExample.Question own
                    && own.isLabelled()
                    && own.answers().isEmpty());
  }

  /// The measure of answers that suits examples.
  public static AnswerMeasures comparison(List<TaskExample> examples) {
    List<String> all = new ArrayList<>();
    for (TaskExample example : examples) {
      if (example instanceof TaskExample.Question own) {
        all.addAll(texts(own));
      }
    }
    return AnswerMeasures.suiting(all);
  }

  private static List<String> texts(TaskExample.Question question) {
    return question.answers().stream().map(TaskExample.Answer::text).toList();
  }

  // Entities are right where kind and all words are; over all texts together, as seqeval counts.
  private static Map<String, Double> ofTags(
      List<TaskExample> examples, List<TaskPrediction> predictions) {
    int right = 0;
    int known = 0;
    int found = 0;
    long same = 0;
    long words = 0;
    for (int n = 0; n < examples.size(); n++) {
      List<String> tags = ((TaskExample.Tagged) examples.get(n)).tags().orElseThrow();
      List<String> own = ((TaskPrediction.OfTags) predictions.get(n)).tags();
      Set<Entity> wanted = new HashSet<>(Entity.of(tags));
      List<Entity> given = Entity.of(own);
      known += wanted.size();
      found += given.size();
      right += (int) given.stream().filter(wanted::contains).count();
      for (int word = 0; word < own.size(); word++) {
        same += own.get(word).equals(tags.get(word)) ? 1 : 0;
        words++;
      }
    }
    Map<String, Double> measures = new LinkedHashMap<>();
    measures.put("entityF1", known + found == 0 ? 0 : 2.0 * right / (known + found));
    measures.put("precision", found == 0 ? 0 : (double) right / found);
    measures.put("recall", known == 0 ? 0 : (double) right / known);
    measures.put("tagAccuracy", words == 0 ? 0 : (double) same / words);
    return measures;
  }
}
