package dev.lengthwise.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.GeneratedTexts;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowSamplerTest {

  private static final long IGNORED = WindowBatch.IGNORED;

  @TempDir static Path folder;

  @BeforeAll
  static void prepare() {
    String alphabet = "abcdefghijklmnopqrstuvwxyz";
    new DataPreparation(
            new TokenizerChoice.Bytes(),
            Map.of(
                "letters", List.of(Corpus.lines(folder, alphabet, "01", "xyz", alphabet)),
                "reverse",
                    List.of(new DataSource.Generated(new GeneratedTexts("reverse", 2, 2, 9), 50))))
        .writeTo(folder, _ -> {});
  }

  private static TrainingData open(Windows windows, String shard) {
    return TrainingData.open(
        folder,
        new DataMix(
            List.of(new DataMix.Share(shard, windows, 1)),
            new DataMix.HeldOut(shard, windows == Windows.REPEATED ? Windows.CROPS : windows),
            List.of()));
  }

  private static String text(TrainingData data, long... ids) {
    return data.tokenizer().decode(Arrays.stream(ids).mapToInt(Math::toIntExact).toArray());
  }

  @Test
  void aWindowDependsOnSeedStepAndNumberOnly() {
    try (TrainingData one = open(Windows.CROPS, "letters");
        TrainingData other = open(Windows.CROPS, "letters")) {
      WindowSampler sampler = new WindowSampler(one, 8, 6, 3, null);
      sampler.batch(1, 0, 6);
      WindowBatch whole = sampler.batch(5, 0, 6);
      WindowBatch last = new WindowSampler(other, 8, 6, 3, null).batch(5, 4, 2);

      assertThat(last.inputs()).isEqualTo(Arrays.copyOfRange(whole.inputs(), 32, 48));
      assertThat(last.targets()).isEqualTo(Arrays.copyOfRange(whole.targets(), 32, 48));
      assertThat(sampler.batch(6, 0, 6).inputs()).isNotEqualTo(whole.inputs());
      assertThat(new WindowSampler(one, 8, 6, 4, null).batch(5, 0, 6).inputs())
          .isNotEqualTo(whole.inputs());
    }
  }

  @Test
  void everyTargetIsTheNextInput() {
    for (Windows windows : List.of(Windows.CROPS, Windows.DOCUMENT_STARTS, Windows.REPEATED)) {
      try (TrainingData data = open(windows, "letters")) {
        WindowBatch batch = new WindowSampler(data, 20, 9, 3, null).batch(1, 0, 9);
        for (int row = 0; row < 9; row++) {
          assertThat(Arrays.copyOfRange(batch.targets(), row * 20, row * 20 + 19))
              .isEqualTo(Arrays.copyOfRange(batch.inputs(), row * 20 + 1, row * 20 + 20));
        }
        assertThat(batch.scored()).isEqualTo(9 * 20);
      }
    }
  }

  @Test
  void cropsCrossDocumentsAndWindowsWithinDocumentsNever() {
    try (TrainingData crops = open(Windows.CROPS, "letters");
        TrainingData within = open(Windows.WITHIN_DOCUMENTS, "letters")) {
      long end = crops.tokenizer().endOfText().orElseThrow();
      assertThat(rowsWithEndInside(new WindowSampler(crops, 8, 200, 1, null).batch(1, 0, 200), end))
          .isPositive();
      assertThat(
              rowsWithEndInside(new WindowSampler(within, 8, 200, 1, null).batch(1, 0, 200), end))
          .isZero();
    }
  }

  /// Rows in which something that is a target comes after the end of a document.
  private static int rowsWithEndInside(WindowBatch batch, long end) {
    int rows = 0;
    for (int row = 0; row < batch.sequences(); row++) {
      boolean ended = false;
      boolean after = false;
      for (int at = row * batch.length(); at < (row + 1) * batch.length(); at++) {
        ended |= batch.inputs()[at] == end;
        after |= ended && batch.targets()[at] != IGNORED;
      }
      rows += after ? 1 : 0;
    }
    return rows;
  }

  @Test
  void shortDocumentsAreFilledUpWithoutTargets() {
    try (TrainingData data = open(Windows.WITHIN_DOCUMENTS, "letters")) {
      WindowBatch batch = new WindowSampler(data, 8, 400, 1, null).batch(1, 0, 400);
      int found = 0;
      for (int row = 0; row < 400; row++) {
        long[] inputs = Arrays.copyOfRange(batch.inputs(), row * 8, row * 8 + 8);
        if (text(data, inputs[1], inputs[2]).equals("01")) {
          found++;
          assertThat(Arrays.copyOfRange(batch.targets(), row * 8, row * 8 + 8))
              .containsExactly(
                  inputs[1], inputs[2], 1, IGNORED, IGNORED, IGNORED, IGNORED, IGNORED);
        }
      }
      assertThat(found).isBetween(8, 50); // 4 of 65 tokens: 25 ± 5 standard deviations
    }
  }

  @Test
  void longDocumentsAreCutAnywhere() {
    try (TrainingData data = open(Windows.WITHIN_DOCUMENTS, "letters")) {
      WindowBatch batch = new WindowSampler(data, 8, 400, 1, null).batch(1, 0, 400);
      List<Long> first =
          IntStream.range(0, 400).mapToObj(row -> batch.inputs()[row * 8]).distinct().toList();
      List<Long> last =
          IntStream.range(0, 400).mapToObj(row -> batch.targets()[row * 8 + 7]).distinct().toList();
      long begin = data.tokenizer().beginOfText().orElseThrow();
      long end = data.tokenizer().endOfText().orElseThrow();
      assertThat(first)
          .contains(begin)
          .hasSize(20); // a window of 9 of 28 tokens starts at 20 places
      assertThat(last).contains(end, IGNORED).hasSize(21);
    }
  }

  @Test
  void promptsAreNoTargets() {
    for (Windows windows : List.of(Windows.CROPS, Windows.DOCUMENT_STARTS)) {
      try (TrainingData data = open(windows, "reverse")) {
        WindowBatch batch = new WindowSampler(data, 30, 20, 1, null).batch(1, 0, 20);
        assertOnlyAnswersAreTargets(data, batch, 30);
      }
    }
    try (TrainingData data = open(Windows.WITHIN_DOCUMENTS, "reverse")) {
      WindowBatch batch = new WindowSampler(data, 30, 20, 1, null).batch(1, 0, 20);
      assertOnlyAnswersAreTargets(data, batch, 7);
      assertThat(batch.scored()).isEqualTo(20 * 3); // two letters and the end
    }
  }

  /// A document is begin, two letters, `=`, two letters, end: what comes after the equals sign, up
  /// to the end, are the only targets.
  ///
  /// @param tokens of each window that are looked at
  private static void assertOnlyAnswersAreTargets(
      TrainingData data, WindowBatch batch, int tokens) {
    long begin = data.tokenizer().beginOfText().orElseThrow();
    for (int row = 0; row < batch.sequences(); row++) {
      int sinceBegin = -1;
      for (int at = row * batch.length(); at < row * batch.length() + tokens; at++) {
        if (batch.inputs()[at] == begin && (sinceBegin < 0 || sinceBegin >= 6)) {
          sinceBegin = 0;
        } else if (sinceBegin >= 0) {
          sinceBegin++;
        }
        if (sinceBegin >= 0 && sinceBegin < 6) {
          assertThat(batch.targets()[at] != IGNORED).isEqualTo(sinceBegin >= 3);
        }
      }
    }
  }

  @Test
  void repeatingWindowsRepeatAPieceUntilTheyAreFull() {
    try (TrainingData data = open(Windows.REPEATED, "letters")) {
      WindowBatch batch = new WindowSampler(data, 39, 1, 5, null).batch(1, 0, 1);
      boolean repeats = false;
      for (int period = 12; period <= 20; period++) {
        repeats |= Arrays.equals(batch.inputs(), period, 39, batch.inputs(), 0, 39 - period);
      }
      assertThat(repeats).isTrue();
    }
  }

  @Test
  void sharesAreDrawnByWeight() {
    DataMix mix =
        new DataMix(
            List.of(
                new DataMix.Share("letters", Windows.CROPS, 3),
                new DataMix.Share("reverse", Windows.CROPS, 1)),
            new DataMix.HeldOut("letters", Windows.CROPS),
            List.of());
    assertThat(mix.at(0).shard()).isEqualTo("letters");
    assertThat(mix.at(0.7499).shard()).isEqualTo("letters");
    assertThat(mix.at(0.75).shard()).isEqualTo("reverse");
    assertThat(mix.at(0.9999).shard()).isEqualTo("reverse");
    try (TrainingData data = TrainingData.open(folder, mix)) {
      WindowBatch batch = new WindowSampler(data, 8, 1000, 7, null).batch(3, 0, 1000);
      long equals = data.tokenizer().encode("=")[0];
      int rows = 0;
      for (int row = 0; row < 1000; row++) {
        rows +=
            Arrays.stream(batch.inputs(), row * 8, row * 8 + 8).anyMatch(id -> id == equals)
                ? 1
                : 0;
      }
      assertThat(rows).isBetween(180, 320); // 250 ± 5 standard deviations
    }
  }

  @Test
  void validationWindowsAreSpreadFromTheFirstToTheLastToken() {
    try (TrainingData data = open(Windows.CROPS, "letters")) {
      List<WindowBatch> batches = new WindowSampler(data, 8, 1, 1, null).validation(5, 2);
      TokenShard shard = data.shard("letters");

      assertThat(batches).extracting(WindowBatch::sequences).containsExactly(2, 2, 1);
      assertThat(Arrays.copyOf(batches.getFirst().inputs(), 8)).isEqualTo(shard.ids(0, 8));
      assertThat(batches.getLast().targets()).isEqualTo(shard.ids(shard.tokens() - 8, 8));
    }
    try (TrainingData data = open(Windows.WITHIN_DOCUMENTS, "reverse")) {
      assertThat(new WindowSampler(data, 8, 1, 1, null).validation(50, 50).getFirst().scored())
          .isEqualTo(50 * 3);
    }
  }

  @Test
  void windowsLongerThanAShardAreRefused() {
    try (TrainingData data = open(Windows.CROPS, "letters")) {
      data.check(64, 258);
      assertThatThrownBy(() -> data.check(65, 258))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("Shard 'letters'")
          .hasMessageContaining("has 65 tokens; one window needs 66");
    }
    try (TrainingData data = open(Windows.WITHIN_DOCUMENTS, "letters")) {
      data.check(1000, 258);
    }
  }

  @Test
  void vocabularyLargerThanTheModelsIsRefused() {
    try (TrainingData data = open(Windows.CROPS, "letters")) {
      assertThatThrownBy(() -> data.check(8, 257))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("has 258 tokens, but the model's vocabulary is 257");
    }
  }

  @Test
  void missingShardIsNamedWithThoseThereAre() {
    assertThatThrownBy(() -> open(Windows.CROPS, "code").close())
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("has no shard 'code', only [letters, reverse]");
  }
}
