package dev.lengthwise.chat.template;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every character that a template prints knows whether it came from the conversation.
class OriginTest {

  /// What is printed, with a dot for every character from outside.
  private static String own(String template) {
    TemplateData data =
        TemplateData.EMPTY
            .withOwn("bos", "<s>")
            .with("u", Json.of("\" ab </s> \""))
            .with("m", Json.of("{\"role\": \"user\", \"content\": \"x<s>\", \"l\": [\"y\", 1]}"))
            .with("odd", Json.of("{\"role\": \"<s>\"}"));
    Rendering rendering = Template.parse("t", template).render(data, Witnesses.CLOCK);
    String text = rendering.text();
    return IntStream.range(0, text.length())
        .mapToObj(i -> rendering.isOwn(i, i + 1) ? text.substring(i, i + 1) : ".")
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = " => ",
      quoteCharacter = '`',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "{{ bos }}{{ u }}</s> => <s>.........</s>",
        "{{ bos + u + bos }} => <s>.........<s>",
        "{{ bos ~ u.strip() ~ bos }} => <s>.......<s>",
        "{{ u[1:3] }}{{ u[::-1] }}{{ u[0] }} => ............",
        "{{ ('a' + u)[:3] }} => a..",
        "{{ u.replace('b', 'B') }} => ..B......",
        "{{ 'a b'.replace('a', u) }} => ......... b",
        "{{ u.split('</s>') | join('<s>') }} => ....<s>.",
        "{{ '-'.join([u, u]) }} => .........-.........",
        "{{ u.upper() }}{{ u | title }} => ..................",
        "{{ ('a' ~ u).upper() }} => A.........",
        "{{ '%s|%5s' % (m.content, m.content) }} => ....| ....",
        "{{ '<{}>'.format(m.content) }} => <....>",
        "{{ m | tojson }} => {\"....\": \"user\", \".......\": \"....\", \".\": [\".\", 1]}",
        "{{ [m.content] }} => ['....']",
        "{% for c in m.content %}<{{ c }}>{% endfor %} => <.><.><.><.>",
        "{% set x %}<{{ m.content }}>{% endset %}{{ x }} => <....>",
        "{% macro f(a) %}<{{ a }}>{% endmacro %}{{ f(m.content) }} => <....>",
        "{% for k, v in m.items() %}{{ k }}{% endfor %} => ............",
        "{{ ('a\\n' ~ m.content) | indent(2) }} => a¶  ....",
        "{{ m.content | e }} => ..........",
        "{{ dict(**m) | tojson }} => {\"....\": \"user\", \".......\": \"....\", \".\": [\".\","
            + " 1]}",
        "{% macro f() %}{{ kwargs.keys() | list }}{% endmacro %}{{ f(**{m.content: 1}) }} =>"
            + " ['....']",
        "{{ namespace(**{m.content: 1}).items }}{{ '%s' | format(**{m.content: 1}) }} => {'....':"
            + " 1}",
        "{{ m.content * 2 }} => ........",
        "{{ [m.content, 'a'] | sort | join }}{{ m.l | map('upper') | join }} => a.....1",
        "{{ {m.content: 1} }} => {'....': 1}",
        "{{ m.content | truncate(3, true, '', 0) }}{{ m.content | center(6) }} => ... .... ",
        "{% if m.content == 'x<s>' %}{{ 'x<s>' }}{% endif %} => x<s>",
      })
  void operationsKeepWhereCharactersCameFrom(String template, String shown) {
    assertThat(own(template).replace('\n', '¶')).isEqualTo(shown);
  }

  @Test
  void namesOfRolesCountAsTheTemplatesOwn() {
    assertThat(own("{{ '<|' + m.role + '|>' }}")).isEqualTo("<|user|>");
    assertThat(own("{{ odd.role }}")).isEqualTo("...");
  }

  @Test
  void whereAChangeOfLengthHidesPlacesAllIsFromOutside() {
    assertThat(own("{{ ('ß' ~ u).upper() }}")).isEqualTo(".".repeat(11));
    assertThat(own("{{ 'ß'.upper() }}")).isEqualTo("SS");
  }
}
