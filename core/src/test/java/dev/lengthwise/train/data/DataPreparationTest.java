package dev.lengthwise.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.text.TextGenerators;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataPreparationTest {

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void place() {
    data = folder.resolve("data");
  }

  private static DataSource probe(String generator) {
    return new DataSource.Generated(GeneratedTexts.usual(generator, 1), 300);
  }

  private Tokenizer prepare(TokenizerChoice tokenizer, Map<String, List<DataSource>> shards) {
    new DataPreparation(tokenizer, shards).writeTo(data, _ -> {});
    return Tokenizers.open(data.resolve("tokenizer.json"));
  }

  @Test
  void charactersOfAProbeAreItsWholeVocabulary() {
    Tokenizer tokenizer =
        prepare(new TokenizerChoice.Characters(), Map.of("a", List.of(probe("even-pairs"))));

    assertThat(tokenizer.vocabularySize()).isEqualTo(2 + "01=ab".length());
    assertThat(tokenizer.encode("ab=1")).containsExactly(5, 6, 4, 3);
    assertThat(tokenizer.decode(new int[] {5, 6, 4, 3})).isEqualTo("ab=1");
    assertThat(tokenizer.beginOfText()).hasValue(0);
    assertThat(tokenizer.endOfText()).hasValue(1);
  }

  /// A probe of any length has one token a character, with characters and with bytes.
  @Test
  void probesAreWrittenCharacterByCharacter() {
    for (TokenizerChoice choice :
        List.of(new TokenizerChoice.Characters(), new TokenizerChoice.Bytes())) {
      for (String name :
          List.of("even-pairs", "key-value", "digit-recall", "reverse", "bucket-sort")) {
        Tokenizer tokenizer = prepare(choice, Map.of("a", List.of(probe(name))));
        var question = new GeneratedTexts(name, 700, 700, 2).question(1);
        QuestionTokens tokens = QuestionTokens.of(tokenizer, question);
        assertThat(tokens.length()).isEqualTo(1 + question.text().length());
        assertThat(tokens.answer()).hasSize(question.answer().length());
      }
    }
    assertThat(TextGenerators.ALL).hasSize(6);
  }

  @Test
  void questionsThatTheVocabularyCannotWriteAreRefused() {
    Tokenizer tokenizer =
        prepare(new TokenizerChoice.Characters(), Map.of("a", List.of(probe("reverse"))));

    assertThatThrownBy(
            () -> QuestionTokens.of(tokenizer, GeneratedTexts.usual("key-value", 1).question(0)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("cannot write the question");
  }

  @Test
  void otherCharactersNeedBytes() {
    DataSource accented = Corpus.lines(folder, "é");
    assertThatThrownBy(
            () -> prepare(new TokenizerChoice.Characters(), Map.of("a", List.of(accented))))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("found 'é'; take bytes");
    assertThat(data)
        .satisfiesAnyOf(
            path -> assertThat(path).doesNotExist(), path -> assertThat(path).isEmptyDirectory());

    Tokenizer tokenizer = prepare(new TokenizerChoice.Bytes(), Map.of("a", List.of(accented)));
    assertThat(tokenizer.vocabularySize()).isEqualTo(258);
    assertThat(tokenizer.encode("é")).containsExactly(2 + 0xC3, 2 + 0xA9);
  }

  @Test
  void anExistingTokenizerIsCopiedAndItsShardsCanBeAddedLater() {
    DataSource lines = Corpus.lines(folder, "public void run() {}", "public int size() {}");
    Tokenizer first =
        prepare(new TokenizerChoice.Learnt(270, List.of("code")), Map.of("code", List.of(lines)));
    Tokenizer second =
        prepare(
            new TokenizerChoice.Existing(data.resolve("tokenizer.json")),
            Map.of("more", List.of(lines)));

    assertThat(second.sha256()).isEqualTo(first.sha256());
    for (String name : List.of("code", "more")) {
      try (TokenShard shard = TokenShard.open(data.resolve(name), second)) {
        assertThat(shard.documents()).isEqualTo(2);
      }
    }
    assertThat(data.resolve("tokenizer_config.json")).exists();
  }

  @Test
  void whatIsPreparedIsTheSameEveryTime() throws IOException {
    Map<String, List<DataSource>> shards =
        Map.of("a", List.of(probe("reverse"), Corpus.lines(folder, "aa bb aa bb", "aa")));
    prepare(new TokenizerChoice.Learnt(262, List.of("a")), shards);
    byte[] once = Files.readAllBytes(data.resolve("a/00000.tokens"));
    String manifest = Files.readString(data.resolve("a/manifest.json"));
    prepare(new TokenizerChoice.Learnt(262, List.of("a")), shards);

    assertThat(Files.readAllBytes(data.resolve("a/00000.tokens"))).isEqualTo(once);
    assertThat(Files.readString(data.resolve("a/manifest.json"))).isEqualTo(manifest);
  }

  /// The second shard fails after the first is written: neither appears, and older files stay.
  @Test
  void failureLeavesNothingBehind() throws IOException {
    DataSource good = Corpus.lines(folder, "abc");
    Path damaged = Files.writeString(folder.resolve("damaged.jsonl.gz"), "no archive");
    DataSource bad = new DataSource.JsonLines(damaged, "text");
    Map<String, List<DataSource>> shards = Map.of("a", List.of(good), "b", List.of(good, bad));

    assertThatThrownBy(() -> prepare(new TokenizerChoice.Bytes(), shards))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("damaged.jsonl.gz");
    assertThat(data).doesNotExist();

    prepare(new TokenizerChoice.Bytes(), Map.of("a", List.of(good)));
    byte[] before = Files.readAllBytes(data.resolve("a/00000.tokens"));
    assertThatThrownBy(() -> prepare(new TokenizerChoice.Bytes(), shards))
        .isInstanceOf(LengthwiseException.class);
    assertThat(Files.readAllBytes(data.resolve("a/00000.tokens"))).isEqualTo(before);
    assertThat(data.resolve("b")).doesNotExist();
    assertThat(data.resolve(".partial")).doesNotExist();
  }

  @Test
  void foldersThatAreNoShardsAreNotReplaced() throws IOException {
    Files.createDirectories(data.resolve("photos"));
    Files.writeString(data.resolve("photos/one.txt"), "mine");

    assertThatThrownBy(
            () ->
                prepare(
                    new TokenizerChoice.Bytes(),
                    Map.of("photos", List.of(Corpus.lines(folder, "abc")))))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("photos' is there already and no shard");
    assertThat(data.resolve("photos/one.txt")).exists();
  }

  @Test
  void preparationIsReadFromJson() throws IOException {
    Path file = folder.resolve("data.json");
    Files.writeString(
        file,
        """
        {
          "tokenizer": {"kind": "bpe", "vocabularySize": 300, "shards": ["training"]},
          "shards": {
            "training": [
              {"kind": "text", "path": "books"},
              {"kind": "jsonl", "path": "web.jsonl.zst", "field": "body"},
              {"kind": "jar", "path": "lib-sources.jar"}
            ],
            "probe": [
              {"kind": "generated", "count": 9,
                "texts": {"generator": "reverse", "shortest": 1, "longest": 5, "seed": 3}}
            ]
          }
        }
        """);
    String good = Files.readString(file);

    assertThat(DataPreparation.read(file))
        .isEqualTo(
            new DataPreparation(
                new TokenizerChoice.Learnt(300, List.of("training")),
                Map.of(
                    "training",
                    List.of(
                        new DataSource.Text(Path.of("books")),
                        new DataSource.JsonLines(Path.of("web.jsonl.zst"), "body"),
                        new DataSource.Jar(Path.of("lib-sources.jar"))),
                    "probe",
                    List.of(new DataSource.Generated(new GeneratedTexts("reverse", 1, 5, 3), 9)))));
    assertRefused(file, good.replace("\"kind\": \"jar\"", "\"kind\": \"zip\""), "zip");
    assertRefused(file, good.replace("[\"training\"]", "[\"code\"]"), "shard 'code'");
    assertRefused(file, good.replace("\"probe\"", "\"../probe\""), "found '../probe'");
    assertRefused(file, good.replace("\"reverse\"", "\"parity\""), "'parity'; known are");
    assertRefused(
        file,
        good.replace("\"field\": \"body\"", "\"feld\": \"body\""),
        "\"shards.training[1].field\" is missing");
    assertRefused(file, good.replace("\"count\": 9", "\"count\": 0"), "at least 1 document");
  }

  private static void assertRefused(Path file, String content, String... parts) throws IOException {
    Files.writeString(file, content);
    assertThatThrownBy(() -> DataPreparation.read(file))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("data.json")
        .message()
        .contains(parts);
  }
}
