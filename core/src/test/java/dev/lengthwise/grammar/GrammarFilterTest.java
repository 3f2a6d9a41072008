package dev.lengthwise.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.tokenizer.ListTokenizer;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Which tokens a grammar allows.
class GrammarFilterTest {

  private static TokenFilter filter(String grammar, ListTokenizer words) {
    return new GrammarConstraint(Grammar.parse(grammar)).start(words, Set.of(words.end()));
  }

  private static List<Integer> allowed(TokenFilter filter, ListTokenizer words) {
    float[] logits = new float[words.vocabularySize()];
    filter.mask(logits);
    return IntStream.range(0, logits.length).filter(id -> logits[id] == 0).boxed().toList();
  }

  @Test
  void tokensAreAllowedThatTheGrammarGoesOnWith() {
    ListTokenizer words = ListTokenizer.of("a", "ab", "abc", "b", "bc", "c", "x");
    TokenFilter filter = filter("root ::= \"ab\" \"c\"?", words);

    assertThat(allowed(filter, words)).containsExactly(0, 1, 2);
    filter.accept(1);
    assertThat(allowed(filter, words)).containsExactly(5, words.end());
    assertThat(filter.isComplete()).isFalse();
    filter.accept(5);
    assertThat(allowed(filter, words)).containsExactly(words.end());
    assertThat(filter.isComplete()).isTrue();
  }

  @Test
  void charactersMayBeSpreadOverTokens() {
    byte[] smile = "😀".getBytes(StandardCharsets.UTF_8);
    ListTokenizer words =
        ListTokenizer.of(
            List.of(
                Arrays.copyOf(smile, 2),
                Arrays.copyOfRange(smile, 2, 4),
                Arrays.copyOfRange(smile, 2, 3),
                new byte[] {(byte) 0x80},
                new byte[] {(byte) 0xC3}));
    TokenFilter filter = filter("root ::= [😀-😂]", words);

    assertThat(allowed(filter, words)).containsExactly(0);
    filter.accept(0);
    assertThat(allowed(filter, words)).containsExactly(1, 2);
    filter.accept(2);
    assertThat(allowed(filter, words)).containsExactly(3);
    filter.accept(3);
    assertThat(filter.isComplete()).isTrue();
  }

  @Test
  void aVocabularyThatCannotGoOnIsSaid() {
    ListTokenizer words = ListTokenizer.of("a");
    assertThatThrownBy(() -> allowed(filter("root ::= \"b\"", words), words))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("No token of words goes on");
  }

  @Test
  void grammarsOfOneModelReadItsTokensOnce() {
    AtomicInteger asked = new AtomicInteger();
    List<byte[]> tokens =
        new AbstractList<>() {
          @Override
          public byte[] get(int id) {
            asked.incrementAndGet();
            return new byte[] {(byte) ('a' + id)};
          }

          @Override
          public int size() {
            return 2;
          }
        };
    ListTokenizer words = ListTokenizer.of(tokens);
    GrammarVocabulary vocabulary = new GrammarVocabulary();
    for (String grammar : List.of("root ::= \"a\"", "root ::= \"b\"")) {
      TokenFilter filter =
          new GrammarConstraint(Grammar.parse(grammar), vocabulary).start(words, Set.of(2));
      assertThat(allowed(filter, words)).hasSize(1);
    }
    assertThat(asked).hasValue(2);
  }

  @Test
  void textsOfOneConstraintDoNotDisturbOneAnother() {
    ListTokenizer words = ListTokenizer.of("a", "b");
    GrammarConstraint constraint = new GrammarConstraint(Grammar.parse("root ::= \"ab\" | \"ba\""));
    TokenFilter one = constraint.start(words, Set.of(words.end()));
    TokenFilter other = constraint.start(words, Set.of(words.end()));
    one.accept(0);

    assertThat(allowed(one, words)).containsExactly(1);
    assertThat(allowed(other, words)).containsExactly(0, 1);
  }
}
