package dev.lengthwise.chat.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// No template can take more time or memory than it is given.
class TemplateLimitsTest {

  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static String render(String template) {
    return Template.parse("t", template).render(TemplateData.EMPTY, Witnesses.CLOCK).text();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{% set n = namespace(s='ab') %}{% for i in range(99) %}{% set n.s = n.s ~ n.s %}{% endfor"
            + " %}",
        "{% set n = namespace(l=[1]) %}{% for i in range(99) %}{% set n.l = n.l + n.l %}{% endfor"
            + " %}",
        "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = [n.l, n.l] %}{% endfor"
            + " %}{{ n.l }}",
        "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = [n.l, n.l] %}{% endfor"
            + " %}{{ n.l | tojson }}",
        "{{ 'a' * 10000000000 }}",
        "{{ [1] * 10000000000 }}",
        "{{ 'a'.center(1000000000) }}",
        "{{ 'a' | indent(1000000000, true) }}",
        "{{ {'a': {'b': 1}} | tojson(indent=1000000000) }}",
        "{{ [1] | batch(1000000000, 'x') | list }}",
        "{{ [1] | slice(1000000000, 'x') | list }}",
        "{% set s = 'a' * 1000000 %}{{ s.replace('', s) }}",
        "{% set s = 'a,' * 1000000 %}{% for i in range(999) %}{{ s.split(',') | length }}{% endfor"
            + " %}",
        "{% set s = 'é' * 3000000 %}{% for i in range(99999) %}{{ s[2999999] }}{% endfor %}",
        "{% set s = 'a' * 3000000 %}{% for i in range(99999) %}{{ 'b' in s }}{% endfor %}",
        "{% set l = range(99999) | list %}{% for i in range(999) %}{{ (l | sort)[0] }}{% endfor %}",
        "{% set l = ['a' * 1000000] * 99999 %}{{ l | join }}",
      })
  void aTemplateThatNeedsTooMuchFailsWithASentence(String bomb) {
    Assertions.assertTimeoutPreemptively(
        LONGEST,
        () ->
            assertThatThrownBy(() -> render(bomb))
                .isInstanceOf(LengthwiseException.class)
                .hasMessageContaining("units of work"));
  }

  static List<String> nested() {
    return List.of(
        "{{ " + "(".repeat(500) + "1" + ")".repeat(500) + " }}",
        "{{ " + "not ".repeat(5000) + "1 }}",
        "{{ " + "-".repeat(5000) + "1 }}",
        "{{ 1" + " + 1".repeat(5000) + " }}",
        "{{ 'a'" + " | upper".repeat(5000) + " }}",
        "{{ range" + ".a".repeat(5000) + " }}",
        "{% if 1 %}".repeat(3000) + "{% endif %}".repeat(3000),
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% set n = namespace(l=[1]) %}{% for i in range(999) %}{% set n.l = [n.l] %}{% endfor %}"
            + "{{ n.l }}");
  }

  @ParameterizedTest
  @MethodSource("nested")
  void deepNestingFailsWithASentenceEvenOnASmallStack(String deep) throws InterruptedException {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread = new Thread(null, () -> render(deep), "small", 512 * 1024);
    thread.setUncaughtExceptionHandler((_, failure) -> thrown.set(failure));
    thread.start();
    thread.join();
    assertThat(thrown.get()).isInstanceOf(LengthwiseException.class).hasMessageContaining("nested");
  }

  @Test
  void numbersStaySmallEnough() {
    assertThatThrownBy(() -> render("{{ 2 ** 1000000 }}")).hasMessageContaining("bits");
    assertThatThrownBy(() -> render("{{ 7 ** 900 * 7 ** 900 }}")).hasMessageContaining("bits");
    assertThatThrownBy(() -> render("{{ range(100001) }}")).hasMessageContaining("100001");
  }

  @Test
  void aLongConversationHasWorkForItsLength() {
    String template =
        "{% for m in l %}{{ '<' + m.strip() + '>' }}{{ m | trim | replace('a', 'b') }}{% endfor %}";
    String line = "a".repeat(500);
    StringBuilder json = new StringBuilder("[\"" + line + "\"");
    for (int i = 0; i < 50_000; i++) {
      json.append(",\"").append(line).append('"');
    }
    TemplateData data = TemplateData.EMPTY.with("l", Json.of(json.append(']').toString()));
    String text = Template.parse("t", template).render(data, Witnesses.CLOCK).text();
    assertThat(text).hasSize(50_001 * (2 * 500 + 2));
  }

  @Test
  void whatIsOutsideCannotBeReached() {
    for (String name : List.of("__class__", "__init__", "_x", "pop", "append", "update")) {
      assertThat(render("{{ [].%s is defined }}{{ {}.%s is defined }}".formatted(name, name)))
          .isEqualTo("FalseFalse");
    }
    assertThatThrownBy(() -> render("{% include 'x' %}")).hasMessageContaining("only one");
  }
}
