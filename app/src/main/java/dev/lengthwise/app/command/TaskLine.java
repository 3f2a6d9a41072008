package dev.lengthwise.app.command;

import dev.lengthwise.model.TaskHead;
import dev.lengthwise.task.Entity;
import dev.lengthwise.task.TaskExample;
import dev.lengthwise.task.TaskPrediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A prediction as a line of JSON. Places are counted in Unicode characters, as in files of
/// examples.
final class TaskLine {

  private TaskLine() {}

  /// The line of an example.
  ///
  /// @param nullable whether a question may have no answer
  static Map<String, Object> of(
      TaskHead head, TaskExample example, TaskPrediction prediction, boolean nullable) {
    Map<String, Object> line = new LinkedHashMap<>();
    switch (prediction) {
      case TaskPrediction.OfClass own when head.kind() == TaskHead.Kind.CHOICE -> {
        line.put("answer", own.index());
        line.put("probabilities", own.shares());
      }
      case TaskPrediction.OfClass own -> {
        line.put("label", head.labels().get(own.index()));
        Map<String, Double> shares = new LinkedHashMap<>();
        for (int label = 0; label < own.shares().size(); label++) {
          shares.put(head.labels().get(label), own.shares().get(label));
        }
        line.put("probabilities", shares);
      }
      case TaskPrediction.OfAnswer own -> {
        String context = ((TaskExample.Question) example).context();
        String answer = own.answer(nullable);
        line.put("text", answer);
        line.put("start", answer.isEmpty() ? -1 : context.codePointCount(0, own.start()));
        line.put("score", own.score());
        line.put("noAnswerScore", own.nothing());
      }
      case TaskPrediction.OfTags own -> {
        line.put("tags", own.tags());
        line.put("entities", entities((TaskExample.Tagged) example, own.tags()));
      }
    }
    return line;
  }

  private static List<Map<String, Object>> entities(TaskExample.Tagged example, List<String> tags) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Entity entity : Entity.of(tags)) {
      int start = example.words().get(entity.first()).start();
      int end = example.words().get(entity.last()).end();
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("start", example.text().codePointCount(0, start));
      line.put("end", example.text().codePointCount(0, end));
      line.put("label", entity.kind());
      line.put("text", example.text().substring(start, end));
      all.add(line);
    }
    return all;
  }
}
