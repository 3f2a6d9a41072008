package dev.lengthwise.chat.template;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A failure is one sentence with the template, the line and what is wrong.
class TemplateMessagesTest {

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      value = {
        "a¶{{ x.y }} => 2: 'x' is undefined",
        "a¶¶{% if true %}¶{{ 'a' + 1 }}{% endif %} => 4: '+' is not known between values of type"
            + " str and int; '~' joins values of any type",
        "{{ raise_exception('only users') }} => 1: the template says: only users",
        "{% macro f() %}¶{{ 1 / 0 }}{% endmacro %}¶¶{{ f() }} => 2: a number is divided by zero",
        "¶{% for i in 5 %}{% endfor %} => 2: a value of type int has no elements to go through",
        "¶{% fro x %} => 2: there is no tag 'fro' here",
        "¶¶{{ 1 | nosuch }} => 3: there is no filter 'nosuch'",
        "{{ 1 is nosuch }} => 1: there is no test 'nosuch'",
        "{% if x %}¶a => 2: the template ends before '{% elif' or 'else' or 'endif %}'",
        "¶{{ 'abc }} => 2: a string has no closing '",
        "¶{# c => 2: a comment has no '#}'",
        "{{ [1).x }} => 1: ')' closes nothing",
        "{{ 1 2 }} => 1: expected '}}', found '2'",
        "{{ {}.a.b }} => 1: a value of type dict has no attribute 'a'",
        "{{ 'a'.strip(1) }} => 1: strip needs a text for 'chars', found type int",
        "{{ 'a'.strip(1, 2) }} => 1: strip takes at most 1 arguments, found 2",
        "{{ 'a'.split(by=1) }} => 1: split has no parameter 'by'",
      })
  void aFailureNamesLineAndCause(String template, String message) {
    String source = template.replace('¶', '\n');
    assertThatThrownBy(
            () -> Template.parse("T", source).render(TemplateData.EMPTY, Witnesses.CLOCK))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage("The chat template T fails in line " + message + ".");
  }
}
