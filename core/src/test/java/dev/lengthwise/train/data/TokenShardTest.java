package dev.lengthwise.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.train.data.Corpus.CharacterTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class TokenShardTest {

  private static final Tokenizer ASCII = CharacterTokenizer.ASCII;

  @TempDir Path folder;

  private Path written(Tokenizer tokenizer, long tokensPerFile, DataSource... sources) {
    Path shard = folder.resolve("shard");
    TokenShard.write(shard, tokenizer, List.of(sources), tokensPerFile, _ -> {});
    return shard;
  }

  @Test
  void documentsLieOneAfterTheOtherBetweenTheirMarks() {
    Path place = written(ASCII, 1000, Corpus.lines(folder, "ab", "", "c"));
    try (TokenShard shard = TokenShard.open(place, ASCII)) {
      assertThat(shard.ids(0, 7)).containsExactly(0, 'a', 'b', 1, 0, 'c', 1);
      assertThat(shard.tokens()).isEqualTo(7);
      assertThat(shard.documents()).isEqualTo(2);
      assertThat(List.of(shard.start(0), shard.end(0), shard.start(1), shard.end(1)))
          .containsExactly(0L, 4L, 4L, 7L);
      assertThat(List.of(shard.documentAt(0), shard.documentAt(3), shard.documentAt(4)))
          .containsExactly(0L, 0L, 1L);
      assertThat(shard.manifest().bytesPerToken()).isEqualTo(2);
      assertThat(shard.manifest().sources()).containsExactly("jsonl corpus.jsonl field text");
    }
  }

  @Test
  void largestVocabularyOfTwoBytesAndSmallestOfFour() {
    CharacterTokenizer two = new CharacterTokenizer(1 << 16, 65_000);
    CharacterTokenizer four = new CharacterTokenizer((1 << 16) + 1, 65_000);
    for (CharacterTokenizer tokenizer : List.of(two, four)) {
      Path place = folder.resolve("vocabulary-" + tokenizer.vocabularySize());
      TokenShard.write(place, tokenizer, List.of(Corpus.lines(folder, "az")), _ -> {});
      try (TokenShard shard = TokenShard.open(place, tokenizer)) {
        assertThat(shard.ids(1, 2)).containsExactly(65_000 + 'a', 65_000 + 'z');
        assertThat(shard.manifest().bytesPerToken())
            .isEqualTo(tokenizer.vocabularySize() == 1 << 16 ? 2 : 4);
      }
    }
    CharacterTokenizer large = new CharacterTokenizer(250_000, 249_000);
    TokenShard.write(folder.resolve("large"), large, List.of(Corpus.lines(folder, "q")), _ -> {});
    try (TokenShard shard = TokenShard.open(folder.resolve("large"), large)) {
      assertThat(shard.id(1)).isEqualTo(249_000 + 'q');
    }
  }

  @Test
  void filesAreCutWithoutRegardToDocuments() {
    Path whole = folder.resolve("whole");
    DataSource lines = Corpus.lines(folder, "abcdefg", "hi", "jklmnopqrst", "u");
    TokenShard.write(whole, ASCII, List.of(lines), _ -> {});
    for (long perFile : new long[] {1, 2, 3, 7, 29}) {
      Path place = folder.resolve("cut" + perFile);
      TokenShard.write(place, ASCII, List.of(lines), perFile, _ -> {});
      try (TokenShard one = TokenShard.open(whole, ASCII);
          TokenShard cut = TokenShard.open(place, ASCII)) {
        int tokens = (int) one.tokens();
        assertThat(tokens).isEqualTo(29);
        assertThat(cut.ids(0, tokens)).isEqualTo(one.ids(0, tokens));
        assertThat(cut.manifest().files()).hasSize((int) Math.ceilDiv(tokens, perFile));
      }
    }
  }

  @Test
  void promptsAreReadButNotLearnt() {
    DataSource probe = new DataSource.Generated(new GeneratedTexts("reverse", 3, 3, 1), 2);
    try (TokenShard shard = TokenShard.open(written(ASCII, 1000, probe), ASCII)) {
      assertThat(shard.manifest().prompts()).isTrue();
      assertThat(shard.tokens()).isEqualTo(2 * (1 + 3 + 1 + 3 + 1));
      assertThat(shard.learntFrom(0)).isEqualTo(5);
      assertThat(shard.learntFrom(1)).isEqualTo(9 + 5);
      assertThat(shard.id(4)).isEqualTo('=');
    }
  }

  @Test
  void emptyCorpusIsRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.txt"), "");

    assertThatThrownBy(() -> written(ASCII, 1000, new DataSource.Text(empty)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage("The corpus of [text empty.txt] is empty; expected at least one text.");
  }

  @Test
  void damageIsNamed() throws IOException {
    Path place = written(ASCII, 4, Corpus.lines(folder, "abcdefg"));
    Path file = place.resolve("00001.tokens");
    byte[] good = Files.readAllBytes(file);
    byte[] bad = good.clone();
    bad[3] ^= 1;
    Files.write(file, bad);
    assertRefused(place, ASCII, "00001.tokens has SHA-256", "prepare the data again");

    Files.write(file, Arrays.copyOf(good, 5));
    assertRefused(place, ASCII, "00001.tokens has 5 bytes", "4 numbers of 2 bytes");

    Files.delete(file);
    assertRefused(place, ASCII, "00001.tokens cannot be read");

    Files.write(file, good);
    Path documents = place.resolve("documents");
    byte[] places = Files.readAllBytes(documents);
    places[0] ^= 1;
    Files.write(documents, places);
    assertRefused(place, ASCII, "documents has SHA-256");
  }

  @Test
  void damagedManifestIsNamed() throws IOException {
    Path place = written(ASCII, 1000, Corpus.lines(folder, "ab"));
    Path manifest = place.resolve("manifest.json");
    String good = Files.readString(manifest);
    Files.writeString(manifest, good.replace("\"tokens\" : 4", "\"tokens\" : 5"));
    assertRefused(place, ASCII, "lists 5 tokens and 1 documents, but its files have 4 and 1");

    Files.writeString(manifest, "{\"tokens\": 5}");
    assertRefused(place, ASCII, "manifest.json", "\"tokenizer\" is missing");
  }

  @Test
  void shardOfAnotherTokenizerIsRefused() {
    Path place = written(ASCII, 1000, Corpus.lines(folder, "ab"));

    assertRefused(
        place, new CharacterTokenizer(129, 0), "with 128 tokens", "with 129", "data again");
  }

  private static void assertRefused(Path place, Tokenizer tokenizer, String... parts) {
    assertThatThrownBy(() -> TokenShard.open(place, tokenizer).close())
        .isInstanceOf(LengthwiseException.class)
        .message()
        .contains(parts);
  }

  static boolean hasFullDevice() {
    return Files.isWritable(Path.of("/dev/full"));
  }

  @Test
  @EnabledIf("hasFullDevice")
  void fullDiskIsNamed() {
    try (NumberWriter writer = new NumberWriter(Path.of("/dev/full"), 2)) {
      writer.add(1);

      assertThatThrownBy(writer::finish)
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("File /dev/full cannot be written: No space left on device;")
          .hasMessageContaining("free space");
    }
  }
}
