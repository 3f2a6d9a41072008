package dev.lengthwise.chat.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.template.Witnesses.Witness;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every text is equal to that of jinja2, to the character.
class Jinja2Test {

  static List<Witness> snippets() throws IOException {
    return Witnesses.snippets();
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void aSnippetPrintsWhatJinja2Prints(Witness snippet) {
    check(snippet);
  }

  @Test
  void thereAreHundredsOfSnippets() throws IOException {
    assertThat(Witnesses.snippets()).hasSizeGreaterThan(400);
  }

  @Test
  void templatesOfRealModelsPrintWhatJinja2Prints() throws IOException {
    Optional<List<Witness>> models = Witnesses.models();
    assumeTrue(models.isPresent(), "skipped: shared/data/chat-templates is not there");
    models.orElseThrow().forEach(Jinja2Test::check);
  }

  private static void check(Witness witness) {
    if (witness.expected().isPresent()) {
      assertThat(witness.rendered()).as(witness.name()).isEqualTo(witness.expected().get());
    } else {
      assertThatThrownBy(witness::rendered)
          .as(witness.name())
          .isInstanceOf(LengthwiseException.class)
          .hasMessageMatching("(?s)The chat template .* fails in line \\d+: .*\\.");
    }
  }
}
