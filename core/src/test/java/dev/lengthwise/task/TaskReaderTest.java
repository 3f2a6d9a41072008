package dev.lengthwise.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.family.LoadedModel;
import dev.lengthwise.family.ModelLoader;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.tokenizer.TextPieces;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the encoder of tools/encoder-fixtures.py reads of examples.
class TaskReaderTest {

  private static final Path RESOURCES = Path.of("src/test/resources");
  private static ModelSpec spec;
  private static Tokenizer tokenizer;

  @BeforeAll
  static void open() {
    try (Workers workers = new Workers(1);
        LoadedModel model =
            ModelLoader.load(
                RESOURCES.resolve("families/sentences/mean"), OpenModel::declared, null, workers)) {
      spec = model.spec();
      tokenizer = TokenizerFinder.of(model);
    }
  }

  private static TaskReader reader(TaskHead.Kind kind, TaskReader.Limits limits, String... labels) {
    TaskHead head = new TaskHead(kind, TaskHead.Reading.EACH, Optional.empty(), List.of(labels));
    return new TaskReader(tokenizer, spec.withTask(Optional.of(head)), limits);
  }

  private static TaskExample.Question question(String context, String answer) {
    int start = context.indexOf(answer);
    return new TaskExample.Question(
        "Line 1", "fox?", context, List.of(new TaskExample.Answer(answer, start)), true);
  }

  @Test
  void anAnswerIsWantedInTheWindowsThatHoldAllOfIt() {
    String context = "the quick brown fox jumps over the lazy dog and plays a large flute";
    TaskReader reader = reader(TaskHead.Kind.READING, new TaskReader.Limits(14, 4, false));
    TaskExample.Question example = question(context, "lazy dog");
    Passages passages = reader.passages(example);
    TaskInput input = reader.input(example);
    assertThat(passages.windows()).hasSizeGreaterThan(2);
    int found = 0;
    for (int n = 0; n < passages.windows().size(); n++) {
      Passages.Window window = passages.windows().get(n);
      assertThat(window.text().length()).isLessThanOrEqualTo(14);
      assertThat(window.text().types()[window.row()]).isEqualTo(1);
      long[] wanted = input.wanted().get(n);
      if (wanted[1] > 0) {
        found++;
        int first = (int) wanted[0] - window.row() + window.first();
        int last = (int) wanted[1] - window.row() + window.first();
        TextPieces pieces = passages.pieces();
        assertThat(context.substring(pieces.starts()[first], pieces.ends()[last]))
            .isEqualTo("lazy dog");
      }
    }
    assertThat(found).isPositive();
    List<Integer> covered = new ArrayList<>();
    passages.windows().forEach(window -> covered.add(window.first() + window.count()));
    assertThat(covered.getLast()).isEqualTo(passages.pieces().count());
  }

  @Test
  void theBestPartOfAllWindowsIsTheAnswer() {
    String context = "the quick brown fox jumps over the lazy dog and plays a large flute";
    TaskReader reader = reader(TaskHead.Kind.READING, new TaskReader.Limits(14, 4, false));
    Passages passages = reader.passages(question(context, "lazy"));
    AnswerSearch search = new AnswerSearch(3);
    int wanted = 6; // of the pieces
    for (Passages.Window window : passages.windows()) {
      float[][] logits = new float[window.text().length()][2];
      logits[0] = new float[] {1, 1};
      if (window.holds(wanted) && window.holds(wanted + 1)) {
        logits[window.rowOf(wanted)][0] = 5;
        logits[window.rowOf(wanted + 1)][1] = 4;
        logits[0] = new float[] {-2, -1};
      }
      search.add(window, logits);
    }
    TaskPrediction.OfAnswer found = search.found(context, passages);
    assertThat(found.score()).isEqualTo(9);
    assertThat(found.nothing()).isEqualTo(-3);
    assertThat(found.start()).isEqualTo(passages.pieces().starts()[wanted]);
    assertThat(found.answer(true)).isEqualTo(found.text()).isNotEmpty();
    assertThat(new TaskPrediction.OfAnswer("fox", 4, 1, 2).answer(true)).isEmpty();
    assertThat(new TaskPrediction.OfAnswer("fox", 4, 1, 2).answer(false)).isEqualTo("fox");
  }

  @Test
  void aWordInPiecesCountsOnce() {
    TaskReader reader =
        reader(TaskHead.Kind.TAGGING, new TaskReader.Limits(32, 4, false), "O", "B-X", "I-X");
    String text = "naively plays";
    TaskExample.Tagged example =
        new TaskExample.Tagged("Line 1", text, Words.of(text), Optional.of(List.of("B-X", "I-X")));
    TextPieces pieces = reader.passages(example).pieces();
    assertThat(pieces.count()).isGreaterThan(2);
    long[] wanted = reader.input(example).wanted().getFirst();
    assertThat(wanted[0]).as("begin").isEqualTo(TaskInput.NOTHING);
    assertThat(wanted[1]).isEqualTo(1);
    assertThat(Arrays.stream(wanted).filter(tag -> tag >= 0)).containsExactly(1L, 2L);
  }

  // Its loss would be a mean over nothing.
  @Test
  void aTaggedLineWithoutPiecesIsRefused() {
    TaskReader reader =
        reader(TaskHead.Kind.TAGGING, new TaskReader.Limits(32, 4, false), "O", "B-X", "I-X");
    TaskExample.Tagged example =
        new TaskExample.Tagged(
            "Line 3 of tags.jsonl",
            "\u0001",
            List.of(new TaskExample.Span(0, 1)),
            Optional.of(List.of("O")));
    assertThatThrownBy(() -> reader.input(example))
        .hasMessageContaining("Line 3 of tags.jsonl has no word that the tokenizer knows");
  }

  @Test
  void textsThatAreTooLongAreCutAndCountedOrRefused() {
    TaskExample.Classified pair =
        new TaskExample.Classified(
            "Line 7", "fox ".repeat(20), Optional.of("dog"), Optional.of("no"));
    TaskReader cutting =
        reader(TaskHead.Kind.CLASSIFICATION, new TaskReader.Limits(12, 0, true), "yes", "no");
    TaskInput input = cutting.input(pair);
    assertThat(input.texts().getFirst().length()).isEqualTo(12);
    assertThat(input.wanted().getFirst()).containsExactly(1);
    assertThat(cutting.cut()).isEqualTo(1);
    TaskReader refusing =
        reader(TaskHead.Kind.CLASSIFICATION, new TaskReader.Limits(12, 0, false), "yes", "no");
    assertThatThrownBy(() -> refusing.input(pair))
        .hasMessageContaining("Line 7 has a text of 24 tokens, and the encoder reads 12");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hf-pairs/tokenizer.json",
        "hf-unigram/tokenizer.json",
        "spm.model",
        "unigram.model"
      })
  void piecesSayWhichPartOfATextTheyAre(String file) {
    Tokenizer other = Tokenizers.open(RESOURCES.resolve("tokenizers").resolve(file));
    String text = "ab cd ab";
    TextPieces pieces = other.pieces(text);
    assertThat(pieces.ids()).isEqualTo(other.encode(text));
    StringBuilder joined = new StringBuilder();
    for (int n = 0; n < pieces.count(); n++) {
      joined.append(text, pieces.starts()[n], pieces.ends()[n]);
    }
    assertThat(joined.toString()).isEqualTo("abcdab");
  }
}
