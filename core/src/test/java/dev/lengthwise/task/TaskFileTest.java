package dev.lengthwise.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.model.TaskHead.Kind;
import dev.lengthwise.task.TaskExample.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskFileTest {

  @TempDir Path folder;

  private List<TaskExample> read(Kind kind, String name, String lines) throws IOException {
    return TaskFile.read(Files.writeString(folder.resolve(name), lines), kind);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "CLASSIFICATION | {'text': 'a', 'label': 0.5} | has the label 0.5; expected the name",
        "CLASSIFICATION | {'text': ' ', 'label': 'x'} | has an empty \"text\"; leave it out",
        "CLASSIFICATION | {'label': 'x'} | must have the text \"text\"",
        "CLASSIFICATION | [ | is not valid JSON",
        "CHOICE | {'text': 'a', 'choices': ['b'], 'answer': 0} | has 1 choices; expected at least",
        "CHOICE | {'text': 'a', 'choices': ['b', 'c'], 'answer': 2} | the number of a choice, 0 to"
            + " 1",
        "READING | {'question': 'a', 'context': 'b c', 'answers': [{'text': 'c', 'start': 0}]} |"
            + " has the answer \"c\", but at character 0 of the context stands \"b\"",
        "READING | {'question': 'a', 'context': 'b', 'answers': [{'text': 'b', 'start': 9}]} |"
            + " expected a character of its text, 0 to 1",
        "TAGGING | {'text': 'ab cd', 'entities': [{'start': 0, 'end': 1, 'label': 'X'}]} | ends"
            + " within the word \"ab\"",
        "TAGGING | {'tokens': ['a', 'b'], 'tags': ['O']} | has 2 tokens and 1 tags",
        "TAGGING | {'tokens': ['a'], 'tags': ['PER']} | expected O, B-kind or I-kind",
        "TAGGING | {'text': 'a b', 'entities': [{'start': 1, 'end': 1, 'label': 'X'}]} | not made"
            + " of whole words"
      })
  void badLinesAreNamed(Kind kind, String line, String reason) {
    assertThatThrownBy(() -> read(kind, "bad.jsonl", "\n" + line.replace('\'', '"')))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageStartingWith("Line 2 of ")
        .hasMessageContaining(reason);
  }

  @Test
  void placesAreCountedInCharactersAsPythonDoes() throws IOException {
    List<TaskExample> read =
        read(
            Kind.READING,
            "a.jsonl",
            """
            {"question": "a", "context": "😀 花呗", "answers": [{"text": "花", "start": 2}]}
            {"question": "a", "context": "b", "answers": []}
            {"question": "a", "context": "b"}
            """);
    TaskExample.Question question = (TaskExample.Question) read.getFirst();
    assertThat(question.answers().getFirst().start()).isEqualTo(3);
    assertThat(read.get(1).isLabelled()).isTrue();
    assertThat(read.get(2).isLabelled()).isFalse();
  }

  @Test
  void entitiesBecomeTagsOfWords() throws IOException {
    TaskExample.Tagged tagged =
        (TaskExample.Tagged)
            read(
                    Kind.TAGGING,
                    "a.jsonl",
                    """
                    {"text": "Jo Doe, 北京.", "entities": [\
                    {"start": 0, "end": 6, "label": "PER"}, \
                    {"start": 8, "end": 10, "label": "LOC"}]}
                    """)
                .getFirst();
    assertThat(tagged.words())
        .containsExactly(
            new Span(0, 2),
            new Span(3, 6),
            new Span(6, 7),
            new Span(8, 9),
            new Span(9, 10),
            new Span(10, 11));
    assertThat(tagged.tags().orElseThrow())
        .containsExactly("B-PER", "I-PER", "O", "B-LOC", "I-LOC", "O");
    assertThat(Entity.of(tagged.tags().orElseThrow()))
        .containsExactly(new Entity("PER", 0, 1), new Entity("LOC", 3, 4));
    assertThat(TaskLabels.of(Kind.TAGGING, List.of(tagged)))
        .containsExactly("O", "B-LOC", "I-LOC", "B-PER", "I-PER");
  }

  @Test
  void classesAreInTheOrderOfTheirNumbers() throws IOException {
    List<TaskExample> pairs =
        read(Kind.CLASSIFICATION, "pairs.tsv", "a\tb\t10\nc\td\t2\ne\tf\t2\n");
    assertThat(TaskLabels.of(Kind.CLASSIFICATION, pairs)).containsExactly("2", "10");
    assertThat(((TaskExample.Classified) pairs.getFirst()).pair()).contains("b");
    assertThatThrownBy(() -> TaskLabels.of(Kind.CLASSIFICATION, pairs.subList(1, 3)))
        .hasMessageContaining("have the labels [2]; a classification needs at least two");
    assertThatThrownBy(() -> read(Kind.CLASSIFICATION, "x.tsv", "a\tb\t0.5\n"))
        .hasMessageContaining("Pair 1 of", "which is a degree and no class");
  }

  @Test
  void aHeadWithoutDifferentLabelsIsNone() {
    assertThatThrownBy(
            () ->
                new TaskHead(
                    Kind.TAGGING, TaskHead.Reading.EACH, Optional.empty(), List.of("O", "O")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
