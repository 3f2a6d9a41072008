package dev.lengthwise.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.grammar.Automaton.State;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// GBNF as llama.cpp describes it (`grammars/README.md` of its repository).
class GrammarTest {

  private static boolean accepts(String grammar, String text) {
    Automaton automaton = new Automaton(Grammar.parse(grammar));
    State state = automaton.start();
    for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
      automaton.rest();
      state = automaton.next(state, one & 0xff);
    }
    return state.accepts();
  }

  /// Grammar ! texts that it has ! texts that it has not.
  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      quoteCharacter = '`',
      value = {
        "root ::= \"ab\" \"c\"                    ! abc          ! ab,abcd,b",
        "root ::= [a-cx]+                         ! a,cabx       ! d,aX",
        "root ::= [^a-c]                          ! d,é,中,😀,-   ! a,b,dd",
        "root ::= [à-ü中-丮😀]                     ! à,ö,中,😀      ! ý,国,😁,a",
        "root ::= \"\\x41\" [\\u00e9] \"\\U0001F600\" ! Aé😀        ! A,aé😀",
        "root ::= \"\\ud83d\\ude00\"           ! 😀            ! A,aé😀",
        "root ::= \"a\"{2}                        ! aa           ! a,aaa",
        "root ::= \"ab\"{2,}                      ! abab,ababab  ! ab,aba",
        "root ::= \"a\"{1,3}                      ! a,aa,aaa     ! aaaa",
        "root ::= \"a\"{,2} \"b\"                 ! b,ab,aab     ! aaab,a",
        "root ::= [a-]+                           ! a-,-         ! b",
        "root ::= . .                             ! ab,中é        ! a,abc",
      })
  void textsAreReadAsTheGrammarSays(String grammar, String good, String bad) {
    for (String text : good.split(",", -1)) {
      assertThat(accepts(grammar, text)).as(text).isTrue();
    }
    for (String text : bad.split(",", -1)) {
      assertThat(accepts(grammar, text)).as(text).isFalse();
    }
  }

  @Test
  void rulesGoOverLinesAfterABarAndInsideOfGroups() {
    String grammar =
        """
        # sums
        root ::= term (
            "+" term   # more
          )*
        term ::= [0-9]+ |
          "(" root ")"
        """;
    assertThat(accepts(grammar, "1+(22+3)+4")).isTrue();
    assertThat(accepts(grammar, "1+")).isFalse();
  }

  @Test
  void alternativesBehindANestedRuleAreAllKept() {
    String grammar = "root ::= a \"c\"\na ::= \"b\" | \"b\" a | \"bb\"";
    assertThat(accepts(grammar, "bbbbc")).isTrue();
    assertThat(accepts(grammar, "c")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      quoteCharacter = '`',
      value = {
        "x ::= \"a\"                    ! no rule 'root'",
        "root ::= root \"a\" | \"b\"    ! left-recursive: rule 'root'",
        "root ::= x? root \"a\"~ x ::= \"b\" ! left-recursive",
        "root ::= (\"a\"?)*             ! repeats what may be empty",
        "root ::= \"a                   ! line 1: expected '\"' at the end of the literal",
        "root ::= [a                    ! line 1: expected ']'",
        "root ::= [z-a]                 ! in their order",
        "root ::= \"a\\ud800\"          ! not half of a surrogate pair",
        "root ::= \"a\" )               ! the end of the line",
        "root = \"a\"                   ! '::=' after the name 'root'",
        "root ::= \"\\q\"               ! one of \\n",
        "root ::= \"a\"{3,1}            ! at least as many as 3",
        "root ::= \"a\"{9999}           ! at most 2000",
        "root ::= \"a\"~root ::= \"b\"  ! there are two rules 'root'",
        "root ::= <[42]>                ! the end of the line",
      })
  void wrongGrammarsAreRefusedWithASentence(String grammar, String sentence) {
    String text = grammar.replace('~', '\n');
    assertThatThrownBy(() -> Grammar.parse(text))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void groupsWithoutEndAreRefusedBeforeTheStackOverflows() {
    assertThatThrownBy(() -> Grammar.parse("root ::= " + "(".repeat(100_000)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("at most 200 groups");
  }

  @Test
  void repetitionsMayNotMakeTheGrammarEndless() {
    assertThatThrownBy(() -> Grammar.parse("root ::= " + "\"a\"{2000} ".repeat(120)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("too large");
  }

  /// Every text of n letters has 2^n readings, but only a few ways to go on; and one whose ways
  /// grow ends with a sentence.
  @Test
  void ambiguityIsBounded() {
    String doubled = "root ::= x root | y root | \"\"\nx ::= \"a\"\ny ::= \"a\"";
    assertThat(accepts(doubled, "a".repeat(300))).isTrue();
    String growing = "root ::= \"a\" root \"b\" | \"a\" root \"c\" | \"a\"";
    assertThatThrownBy(() -> accepts(growing, "a".repeat(100)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("too ambiguous");
  }

  @Test
  void listsOfAnyLengthNeedNoDepthAndNestingHasAnEnd() {
    assertThat(accepts("root ::= \"a\" root | \"b\"", "a".repeat(5_000) + "b")).isTrue();
    String nested = "root ::= \"(\" root \")\" | \"\"";
    assertThat(accepts(nested, "(".repeat(500) + ")".repeat(500))).isTrue();
    assertThat(accepts(nested, "(".repeat(5000) + ")".repeat(5000))).isFalse();
  }
}
