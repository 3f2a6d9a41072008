package dev.lengthwise.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.ChatReply;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.Model;
import dev.lengthwise.PositionedModel;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.runtime.ModelSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The session that is kept from one answer to the next, with a tiny random decoder.
class ModelAnswersTest {

  private static final Path DECODER = Path.of("../core/src/test/resources/families/sentences/last");
  private static final GenerationOptions OPTIONS = GenerationOptions.of(Sampling.GREEDY, 4);
  private static final TemplateChoice TEMPLATE =
      TemplateChoice.of(
          "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:");

  private static ChatReply answer(
      Answers answers, List<Conversation.Message> messages, Optional<String> method) {
    return answers.answer(Conversation.of(messages), method, OPTIONS, _ -> {}, () -> false);
  }

  /// Methods by a short name, and the model's own: the name of what a model declares may be one
  /// that no command line knows.
  @ParameterizedTest
  @ValueSource(strings = {"", "rerope", "yarn:factor=2"})
  void theNextTurnReadsItsOwnTokensOnly(String name) {
    Optional<String> method = Optional.of(name).filter(text -> !text.isEmpty());
    try (Model model = Model.open(DECODER, ModelSettings.DEFAULT.withThreads(1), _ -> {})) {
      PositionedModel positioned = model.with("declared").withTemplate(TEMPLATE);
      Answers answers = new ModelAnswers(positioned, ContextPolicy.UNLIMITED);
      List<Conversation.Message> messages = new ArrayList<>();
      messages.add(new Conversation.Message("user", "The quick brown fox jumps."));
      ChatReply first = answer(answers, messages, method);
      assertThat(first.keptTokens()).isZero();
      messages.add(new Conversation.Message("assistant", first.result().text()));
      messages.add(new Conversation.Message("user", "Go on."));
      assertThat(answer(answers, messages, method).keptTokens())
          .isGreaterThanOrEqualTo(first.promptTokens() - 1);

      answers.close();
      assertThatThrownBy(() -> answer(answers, messages, method))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }
}
