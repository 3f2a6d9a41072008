package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.TemplateChoice;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelEndpointsTest {

  private static final String OTHER = "{{ messages[0].content }}!";

  @TempDir private Path folder;

  @Test
  void oneModelIsFoundByItsName() throws IOException, InterruptedException {
    try (TinyServer tiny = TinyServer.start(folder)) {
      JsonNode listed = tiny.get("/v1/models").json().at("/data/0");
      assertThat(tiny.get("/v1/models/tiny").json()).isEqualTo(listed);
      TinyServer.Reply other = tiny.get("/v1/models/org%2Fother");
      assertThat(other.status()).isEqualTo(404);
      assertThat(other.json().at("/error/message").asText())
          .isEqualTo("There is no model 'org/other' here, only 'tiny'");
    }
  }

  @Test
  void aTemplateThatWasChosenAtTheStartIsTheOneThatClientsAreTold()
      throws IOException, InterruptedException {
    Path model = TinyServer.write(folder);
    TemplateChoice choice = TemplateChoice.of(OTHER);
    try (TinyServer tiny = TinyServer.serve(model, TinyServer.Options.of(model).with(choice))) {
      assertThat(tiny.get("/props").json().at("/chat_templates/default").asText()).isEqualTo(OTHER);
      assertThat(tiny.get("/tokenizer_info").json().path("chat_template").asText())
          .isEqualTo(OTHER);
    }
  }

  @Test
  void aTemplateThatIsDamagedOrMissingIsSaidAtTheStart() throws IOException {
    Path model = TinyServer.write(folder);
    TinyServer.Options options = TinyServer.Options.of(model);

    assertThatThrownBy(() -> TinyServer.serve(model, options.with(TemplateChoice.of("rag"))))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("no chat template 'rag', only [default]");
    assertThatThrownBy(() -> TinyServer.serve(model, options.with(TemplateChoice.of("{% if"))))
        .isInstanceOf(LengthwiseException.class);
  }
}
