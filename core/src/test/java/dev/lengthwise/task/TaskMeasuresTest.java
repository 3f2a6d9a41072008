package dev.lengthwise.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.task.TaskExample.Span;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// Measures are those of scikit-learn, seqeval and the scripts of SQuAD and CMRC
/// (tools/task-score-fixtures.py).
class TaskMeasuresTest {

  private static final double TOLERANCE = 1e-12;

  private static JsonNode fixture() throws IOException {
    return new ObjectMapper().readTree(Path.of("src/test/resources/scores/tasks.json").toFile());
  }

  private static List<String> texts(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }

  private static int[] ints(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }

  @Test
  void classesAreThoseOfScikitLearn() throws IOException {
    for (JsonNode one : fixture().get("classes")) {
      ClassMeasures measures =
          new ClassMeasures(
              ints(one.get("classes")), ints(one.get("predictions")), one.get("labels").asInt());
      measures
          .all()
          .forEach(
              (name, value) ->
                  assertThat(value)
                      .as(name)
                      .isCloseTo(one.get(name).asDouble(), within(TOLERANCE)));
    }
  }

  @Test
  void entitiesAreThoseOfSeqeval() throws IOException {
    JsonNode one = fixture().get("entities");
    List<TaskExample> examples = new ArrayList<>();
    List<TaskPrediction> predictions = new ArrayList<>();
    for (int line = 0; line < one.get("tags").size(); line++) {
      List<String> tags = texts(one.get("tags").get(line));
      List<Span> words = Collections.nCopies(tags.size(), new Span(0, 1));
      examples.add(new TaskExample.Tagged("line", "x", words, Optional.of(tags)));
      predictions.add(new TaskPrediction.OfTags(texts(one.get("predictions").get(line))));
    }
    TaskHead head =
        new TaskHead(
            TaskHead.Kind.TAGGING, TaskHead.Reading.EACH, Optional.empty(), List.of("O", "B-PER"));
    TaskResult.of(head, examples, predictions, AnswerMeasures.SQUAD)
        .measures()
        .forEach(
            (name, value) ->
                assertThat(value).as(name).isCloseTo(one.get(name).asDouble(), within(TOLERANCE)));
  }

  @Test
  void answersAreComparedAsByTheScripts() throws IOException {
    for (AnswerMeasures measures : AnswerMeasures.values()) {
      for (JsonNode one : fixture().get(measures.name().toLowerCase(Locale.ROOT))) {
        String answer = one.get("answer").asText();
        List<String> right = texts(one.get("right"));
        assertThat(measures.exact(answer, right)).as(answer).isEqualTo(one.get("exact").asDouble());
        assertThat(measures.f1(answer, right))
            .as(answer)
            .isCloseTo(one.get("f1").asDouble(), within(TOLERANCE));
      }
    }
  }

  @Test
  void theScriptThatSuitsAnswersIsChosen() {
    assertThat(AnswerMeasures.suiting(List.of("北京", "1949年", "Rome")))
        .isEqualTo(AnswerMeasures.CMRC);
    assertThat(AnswerMeasures.suiting(List.of("北京", "Rome"))).isEqualTo(AnswerMeasures.SQUAD);
  }
}
