package dev.lengthwise.tokenizer.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Long texts in parts have the ids of the whole.
class SentencePieceCutsTest {

  private static final int BPE = 2;
  private static final int UNIGRAM = 1;

  private static final List<String> PARTS =
      List.of(
          " a", " b", "ab", "a, b", "  ", "!", "! b", "\n", "é", "林", " 林", "1", "bbbb", "🙂",
          "b ");

  @TempDir Path folder;

  private static String text() {
    Random random = new Random(3);
    StringBuilder text = new StringBuilder();
    while (text.length() < 9_000) {
      text.append(PARTS.get(random.nextInt(PARTS.size())));
    }
    return text.toString();
  }

  /// Pieces that join all but a character with the space behind it; `more` is one more.
  private SentencePieceTokenizer tokenizer(int type, boolean prefix, boolean extra, String more) {
    SentencePieceModels model = new SentencePieceModels();
    model.piece("<unk>", 0, Pieces.Kind.UNKNOWN);
    double score = 0;
    for (String piece :
        List.of(
            "▁", "a", "b", "ab", "▁a", "▁b", "▁▁", "b,", "bb", "!", "▁ab", ",", "1", "▁▁a", more)) {
      model.piece(piece, score--, Pieces.Kind.NORMAL);
    }
    model.trainer(out -> out.writeEnum(3, type));
    model.normalizer(
        out -> {
          out.writeBool(3, prefix);
          out.writeBool(4, extra);
        });
    return (SentencePieceTokenizer) model.open(folder);
  }

  private static void same(SentencePieceTokenizer tokenizer) {
    assertThat(tokenizer.encode(text())).isEqualTo(tokenizer.encodePart(text()));
  }

  @Test
  void joinedPiecesHaveTheIdsOfTheWhole() {
    for (boolean prefix : new boolean[] {false, true}) {
      for (boolean extra : new boolean[] {false, true}) {
        for (String more : List.of("x", "a▁", "!▁b", "▁b▁a")) {
          same(tokenizer(BPE, prefix, extra, more));
        }
      }
    }
  }

  @Test
  void unigramHasTheIdsOfTheWhole() {
    same(tokenizer(UNIGRAM, true, false, "x"));
  }

  @Test
  void onlyPlacesThatNoPieceSpansAreCut() {
    assertThat(tokenizer(BPE, true, false, "x").cuts().before()).contains("a").contains(",");
    assertThat(tokenizer(BPE, true, false, "a▁b").cuts().before())
        .doesNotContain("a")
        .contains("b");
    assertThat(tokenizer(BPE, false, true, "x").cuts().before()).isEmpty();
    assertThat(tokenizer(UNIGRAM, true, false, "x").cuts().before()).isEmpty();
  }

  @Test
  void booksHaveTheIdsOfTheWhole() throws IOException {
    SentencePieceTokenizer tokenizer =
        (SentencePieceTokenizer)
            Tokenizers.open(SharedData.file("tokenizers/llama2/tokenizer.model"));
    assertThat(tokenizer.cuts().before()).hasSizeGreaterThan(25);
    String text =
        Files.readString(SharedData.file("texts/litbank/1260_jane_eyre_an_autobiography.txt"))
                .substring(0, 140_000)
            + text();
    assertThat(tokenizer.encode(text)).isEqualTo(tokenizer.encodePart(text));
  }
}
