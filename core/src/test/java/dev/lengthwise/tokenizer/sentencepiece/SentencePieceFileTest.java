package dev.lengthwise.tokenizer.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.tokenizer.SharedData;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

public class SentencePieceFileTest {

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;
  private static final int WORD = 3;
  private static final int CHARACTER = 4;

  @TempDir Path folder;

  private static SentencePieceModels controls() {
    return new SentencePieceModels()
        .piece("<unk>", 0, Pieces.Kind.UNKNOWN)
        .piece("<s>", 0, Pieces.Kind.CONTROL)
        .piece("</s>", 0, Pieces.Kind.CONTROL);
  }

  private static SentencePieceModels.Fields type(int modelType) {
    return out -> out.writeEnum(3, modelType);
  }

  @Test
  void babyLlamaSpellsStoriesCharacterByCharacter() throws IOException {
    Tokenizer tokenizer = Tokenizers.open(SharedData.file("models/babyllama-105/tok105.model"));
    assertThat(tokenizer.vocabularySize()).isEqualTo(105);
    assertThat(tokenizer.beginOfText()).hasValue(1);
    assertThat(tokenizer.endOfText()).hasValue(2);
    assertThat(tokenizer.encodePrompt("at")).containsExactly(1, 3, 5, 6);
    for (String story : stories()) {
      String line = story.strip().replaceAll(" +", " ");
      int[] ids = tokenizer.encode(line);
      if (Arrays.stream(ids).noneMatch(id -> id == 0)) {
        assertThat(tokenizer.decode(ids)).isEqualTo(line);
        assertThat(ids).hasSize(line.length() + 1);
      }
    }
    assertThat(tokenizer.encode("a林黛玉a")).containsExactly(3, 5, 0, 5);
    assertThat(tokenizer.decode(new int[] {3, 5, 0})).isEqualTo("a \u2047 ");
  }

  @Test
  void unigramFindsTheBestSumOfScores() {
    Random random = new Random(5);
    for (int round = 0; round < 30; round++) {
      Map<String, Float> scores = new HashMap<>();
      for (int i = 0; i < 12; i++) {
        String piece = letters(random, 1 + random.nextInt(4));
        scores.put(piece, -random.nextFloat() * 8 * piece.length());
      }
      SentencePieceModels model = controls();
      scores.forEach((piece, score) -> model.piece(piece, score, Pieces.Kind.NORMAL));
      Tokenizer tokenizer =
          model.trainer(type(UNIGRAM)).normalizer(out -> out.writeBool(3, false)).open(folder);
      float unknown = scores.values().stream().min(Float::compare).orElseThrow() - 10;
      String text = letters(random, 12);
      double sum = 0;
      for (int id : tokenizer.encode(text)) {
        sum +=
            id == 0 ? unknown : scores.get(new String(tokenizer.bytes(id), StandardCharsets.UTF_8));
      }
      // A run of unknown characters is one id, so the sum can only be compared without such runs.
      double best = best(text, scores, unknown);
      assertThat(sum).isGreaterThanOrEqualTo(best - 1e-3);
      if (Arrays.stream(tokenizer.encode(text)).noneMatch(id -> id == 0)) {
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
      }
    }
  }

  @Test
  void bytesSpellWhatPiecesCannot() {
    SentencePieceModels model = controls();
    for (int value = 0; value < 256; value++) {
      model.piece("<0x%02X>".formatted(value), 0, Pieces.Kind.BYTE);
    }
    model.piece("▁", -1, Pieces.Kind.NORMAL).piece("a", -2, Pieces.Kind.NORMAL);
    for (int type : new int[] {UNIGRAM, BPE, CHARACTER}) {
      Tokenizer tokenizer = model.trainer(type(type)).open(folder);
      assertThat(tokenizer.encode("aé")).containsExactly(259, 260, 3 + 0xC3, 3 + 0xA9);
      assertThat(tokenizer.decode(tokenizer.encode("aé 🦙"))).isEqualTo("aé 🦙");
    }
  }

  @Test
  void userDefinedPiecesAreFoundFirst() {
    for (int type : new int[] {UNIGRAM, BPE}) {
      Tokenizer tokenizer =
          controls()
              .piece("a", -1, Pieces.Kind.NORMAL)
              .piece("b", -1, Pieces.Kind.NORMAL)
              .piece("ab", 0, Pieces.Kind.NORMAL)
              .piece("bb", -9, Pieces.Kind.USER_DEFINED)
              .piece("bba", -9, Pieces.Kind.USER_DEFINED)
              .trainer(type(type))
              .normalizer(out -> out.writeBool(3, false))
              .open(folder);
      assertThat(tokenizer.encode("ababbab")).containsExactly(5, 3, 7, 4);
      assertThat(tokenizer.addsLeadingSpace()).isFalse();
    }
  }

  @Test
  void extraSpacesGoOnlyWhereTheModelSaysSo() {
    SentencePieceModels model =
        controls().piece("▁", -1, Pieces.Kind.NORMAL).piece("a", -2, Pieces.Kind.NORMAL);
    Tokenizer removing = model.trainer(type(CHARACTER)).open(folder);
    assertThat(removing.encode("  a   a ")).containsExactly(3, 4, 3, 4);
    assertThat(removing.encode("   ")).isEmpty();
    Tokenizer keeping = model.normalizer(out -> out.writeBool(4, false)).open(folder);
    assertThat(keeping.encode(" a  ")).containsExactly(3, 3, 4, 3, 3);
    assertThat(keeping.decode(keeping.encode(" a  "))).isEqualTo(" a  ");
  }

  @Test
  void replacementRulesOfTheFileAreFollowed() {
    byte[] rules = rules(Map.of("\t", " ", "ﬁ", "fi", "①", "1", "a\u0301", "á", "\u200b", ""));
    SentencePieceModels model = controls();
    for (String letter : List.of("▁", "f", "i", "1", "á", "a", "b", "é")) {
      model.piece(letter, -1, Pieces.Kind.NORMAL);
    }
    Tokenizer tokenizer =
        model.trainer(type(CHARACTER)).normalizer(out -> out.writeByteArray(2, rules)).open(folder);
    assertThat(tokenizer.decode(tokenizer.encode("ﬁ\t①\u200ba\u0301abé"))).isEqualTo("fi 1áabé");
  }

  @Test
  void damagedReplacementRulesAreAnError() {
    SentencePieceModels model = controls().trainer(type(BPE));
    byte[] rules = {0x7F, 0x7F, 0x7F, 0x7F, 0, 0, 0, 0};
    assertThatThrownBy(() -> model.normalizer(out -> out.writeByteArray(2, rules)).open(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("normalization");
  }

  @Test
  void wordModelsAreAClearError() {
    assertThatThrownBy(() -> controls().trainer(type(WORD)).open(folder))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("model type 3");
  }

  @Test
  void everyTruncationIsAClearError() throws IOException {
    byte[] model = Files.readAllBytes(SharedData.file("models/babyllama-105/tok105.model"));
    int settings = 1066; // from here on only the last, optional field can be missing
    for (int length = 0; length < settings; length += 7) {
      Path file = Files.write(folder.resolve("cut.model"), Arrays.copyOf(model, length));
      assertThatThrownBy(() -> Tokenizers.open(file))
          .as("cut to %d bytes", length)
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("cut.model");
    }
  }

  public static String[] stories() throws IOException {
    return new ObjectMapper()
        .readValue(
            SharedData.file("texts/tinystories/tinystories_500.json").toFile(), String[].class);
  }

  private static String letters(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("abc".charAt(random.nextInt(3)));
    }
    return text.toString();
  }

  private static double best(String text, Map<String, Float> scores, float unknown) {
    if (text.isEmpty()) {
      return 0;
    }
    double best = Double.NEGATIVE_INFINITY;
    for (int end = 1; end <= text.length(); end++) {
      Float score = scores.get(text.substring(0, end));
      if (score == null && end == 1) {
        score = unknown;
      }
      if (score != null) {
        best = Math.max(best, score + best(text.substring(end), scores, unknown));
      }
    }
    return best;
  }

  /// The rules in the form of the file: every node of the trie gets 256 units of its own.
  private static byte[] rules(Map<String, String> replacements) {
    int[] units = new int[256 * 64];
    Map<String, Integer> bases = new HashMap<>();
    Map<String, Integer> places = new HashMap<>();
    bases.put("", 256);
    units[0] = 256 << 10;
    StringBuilder texts = new StringBuilder();
    for (Map.Entry<String, String> rule : replacements.entrySet()) {
      String key = latin(rule.getKey());
      for (int length = 1; length <= key.length(); length++) {
        String prefix = key.substring(0, length);
        if (!bases.containsKey(prefix)) {
          int base = 256 * (bases.size() + 1);
          int place = bases.getOrDefault(key.substring(0, length - 1), 0) ^ key.charAt(length - 1);
          bases.put(prefix, base);
          places.put(prefix, place);
          units[place] = (place ^ base) << 10 | key.charAt(length - 1);
        }
      }
      units[places.getOrDefault(key, 0)] |= 1 << 8;
      units[bases.getOrDefault(key, 0)] = 1 << 31 | texts.length();
      texts.append(latin(rule.getValue())).append('\0');
    }
    byte[] strings = texts.toString().getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * units.length + strings.length);
    out.order(ByteOrder.LITTLE_ENDIAN).putInt(4 * units.length);
    Arrays.stream(units).forEach(out::putInt);
    return out.put(strings).array();
  }

  /// The UTF-8 bytes of `text`, one character each.
  private static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
