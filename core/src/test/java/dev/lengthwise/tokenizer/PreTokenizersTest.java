package dev.lengthwise.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.tokenizer.gguf.GgufDefaults;
import dev.lengthwise.tokenizer.gguf.GgufVocabulary;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The words that each name stands for.
class PreTokenizersTest {

  private static final String MIXED = "It's 12345 ab.cd\n\n  x = y; don'T  林黛玉 नमस्ते 🙂\t";

  /// The words of a text: its vocabulary has all parts of the text, and merges that join any two
  /// neighbours, so that one word is one token.
  private static List<String> words(String pre, String text) {
    StringBuilder spelled = new StringBuilder();
    for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
      spelled.append(ByteLevel.character(one & 0xFF));
    }
    Set<String> tokens = new LinkedHashSet<>();
    Set<String> merges = new LinkedHashSet<>();
    for (int from = 0; from < spelled.length(); from++) {
      for (int to = from + 1; to <= spelled.length(); to++) {
        tokens.add(spelled.substring(from, to));
        for (int cut = from + 1; cut < to; cut++) {
          merges.add(spelled.substring(from, cut) + " " + spelled.substring(cut, to));
        }
      }
    }
    Tokenizer tokenizer = tokenizer(pre, List.copyOf(tokens), List.copyOf(merges));
    return Arrays.stream(tokenizer.encode(text))
        .mapToObj(id -> new String(tokenizer.bytes(id), StandardCharsets.UTF_8))
        .toList();
  }

  private static Tokenizer tokenizer(String pre, List<String> tokens, List<String> merges) {
    return Tokenizers.fromGguf(
        new GgufVocabulary(
            "gpt2",
            pre,
            tokens.toArray(String[]::new),
            new float[0],
            new int[0],
            merges.toArray(String[]::new),
            GgufVocabulary.Marks.NONE,
            GgufVocabulary.Spaces.prefix(false),
            new GgufVocabulary.Source("the test", () -> "")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '"',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "gpt-2~It's 12345  ab~It|'s| 12345| | ab",
        "exaone4~DON'T 12345~DON|'|T| 12345",
        "llama-bpe~DON'T 12345.⏎~DON|'T| |123|45|.⏎",
        "llama-v3~12345  ab~123|45| | ab",
        "smaug-bpe~12345  ab~123|45| | ab",
        "glm4~12345~123|45",
        "qwen2~DON'T 123~DON|'T| |1|2|3",
        "deepseek-r1-qwen~(ab 123~(ab| |1|2|3",
        "qwen35~नमस्ते~नमस्ते",
        "qwen2~नमस्ते~नमस|्त|े",
        "starcoder~ab 123~ab| |1|2|3",
        "smollm~It's 12~It|'s| |1|2",
        "falcon~ab.12345~ab|.|123|45",
        "default~ab.12345~ab|.|123|45",
        "~a`b.12345~a|`|b|.|123|45",
        "deepseek-llm~ab 1234⏎林x~ab| |1234|⏎|林|x",
        "deepseek-coder~ab 12. 林~ab| |1|2|.| |林",
        "deepseek-v3~ab 1234 .cd 林黛~ab| |123|4| .|cd| |林黛",
        "spark2_5~.cd⏎⏎1~.cd|⏎|⏎|1",
        "afmoe~1234567 ab~1|234|567| ab",
        "poro-chat~ab cd. ef~ab| cd|.| ef",
        "bloom~ab12 cd~ab12| cd",
        "viking~ab12 cd~ab|1|2| cd",
        "tekken~HelloWORLD 12/~Hello|WORLD| |1|2|/",
        "gpt-4o~HelloWorld's 1234~Hello|World's| |123|4",
        "llama4~a.b/⏎~a|.b|/⏎",
        "tiny_aya~1234567~1|234|567",
        "youtu~Ab，12~Ab|，|1|2",
        "kimi-k2~林黛玉ab 1234~林黛玉|ab| |123|4",
        "chameleon~a  b 12..~a|  |b| |1|2|.|.",
        "superbpe~ab cd 1234567~ab cd |1|234|567",
        "bailingmoe~'s⏎⏎1~'s|⏎⏎|1",
        "seed-coder~.⏎1~.|⏎|1",
        "ufakzeka~Ali'nin's~Ali|'nin|'s",
        "laguna~a⏎ b~a|⏎| b",
        "exaone-moe~ab cd 12~ab cd| |1|2",
        "minicpm5~ab 1234~ab| |123|4",
        "jais-2~a       b~a|    |  | b"
      })
  void textsAreCutAsTheNameSays(@Nullable String pre, String text, String words) {
    assertThat(words(pre == null ? "" : pre, text.replace('⏎', '\n')))
        .containsExactly(words.replace('⏎', '\n').split("\\|"));
  }

  static Stream<String> names() {
    return PreTokenizers.ALL.stream()
        .filter(row -> row.spelling() == PreTokenizer.Spelling.BYTES)
        .flatMap(row -> row.names().stream());
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyNameLoadsAndLosesNothing(String pre) {
    List<String> bytes = new ArrayList<>();
    for (int value = 0; value < 256; value++) {
      bytes.add(String.valueOf(ByteLevel.character(value)));
    }
    Tokenizer tokenizer = tokenizer(pre, bytes, List.of());
    assertThat(tokenizer.decode(tokenizer.encode(MIXED))).isEqualTo(MIXED);
    assertThat(String.join("", words(pre, MIXED.substring(0, 20))))
        .isEqualTo(MIXED.substring(0, 20));
  }

  @Test
  void namesAreUnique() {
    assertThat(PreTokenizers.names()).doesNotHaveDuplicates().hasSizeGreaterThan(80);
  }

  @Test
  void aWordThatIsATokenStaysWholeWhereMergesAreIgnored() {
    List<String> tokens = List.of("a", "b", "ab");
    assertThat(tokenizer("llama-bpe", tokens, List.of()).encode("ab")).containsExactly(2);
    assertThat(tokenizer("smaug-bpe", tokens, List.of()).encode("ab")).containsExactly(0, 1);
  }

  @ParameterizedTest
  @CsvSource({
    "llama,     '',         32000,  1,  2, true,  true",
    "llama,     default,    2,      1, -1, true,  true",
    "gpt2,      '',         100,   11, 11, false, false",
    "gpt2,      gpt-2,      11,    -1, -1, false, false",
    "gpt2,      llama-bpe,  100,   11, 11, true,  false",
    "gpt2,      falcon3,    100,   11, 11, true,  false",
    "gpt2,      tekken,     100,   11, 11, true,  false",
    "gpt2,      chameleon,  100,   11, 11, true,  false",
    "gpt2,      qwen2,      100,   11, 11, false, false",
    "gpt2,      smaug-bpe,  100,   11, 11, false, false",
    "gpt2,      glm4,       100,   -1, 11, false, false",
    "gpt2,      sarvam-moe, 100,   11, 11, false, false",
    "gpt2,      gemma4,     100,   11, 11, true,  false",
    "gemma4,    '',         100,   -1, -1, true,  false",
    "t5,        '',         100,   -1,  1, false, false"
  })
  void absentKeysMeanWhatLlamaCppAssumes(
      String model, String pre, int size, int begin, int end, boolean adds, boolean space) {
    GgufDefaults defaults = GgufDefaults.of(model, pre, size);
    assertThat(defaults.marks())
        .isEqualTo(new GgufVocabulary.Marks(begin, end, adds, model.equals("t5")));
    assertThat(defaults.spacePrefix()).isEqualTo(space);
  }

  @Test
  void promptsOfGemmaFourBeginWithTheirMarkWhateverTheFileSays() {
    Optional<Boolean> no = Optional.of(false);
    assertThat(marks("gemma4", no).addsBegin()).isTrue();
    assertThat(marks("llama-bpe", no).addsBegin()).isFalse();
  }

  private static GgufVocabulary.Marks marks(String pre, Optional<Boolean> addsBegin) {
    return GgufDefaults.of("gpt2", pre, 100)
        .marks(OptionalInt.of(1), OptionalInt.of(2), addsBegin, Optional.empty());
  }
}
