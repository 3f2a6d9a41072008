package dev.lengthwise.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Clients that others wrote, as they are: openai-java and LangChain4j's OpenAI client.
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("deprecation") // OpenAI gives up fields that our server has
class ClientsTest {

  private static final String MODEL = "tiny";
  private static final int SEED = 7;

  private TinyServer tiny;
  private String url;
  private OpenAIClient openai;

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    tiny = TinyServer.start(folder);
    url = "http://127.0.0.1:" + tiny.port() + "/v1";
    openai = OpenAIOkHttpClient.builder().baseUrl(url).apiKey("none").maxRetries(0).build();
  }

  @AfterAll
  void stop() {
    openai.close();
    tiny.close();
  }

  private static ChatCompletionCreateParams.Builder conversation() {
    return ChatCompletionCreateParams.builder()
        .model(MODEL)
        .addUserMessage("Hello")
        .seed(SEED)
        .maxCompletionTokens(12);
  }

  @Test
  void openaiJavaGetsAnswersWholeAndInPieces() {
    ChatCompletion whole = openai.chat().completions().create(conversation().build());
    String text = whole.choices().getFirst().message().content().orElseThrow();
    assertThat(whole.usage().orElseThrow().completionTokens()).isBetween(0L, 12L);
    assertThat(whole.usage().orElseThrow().promptTokens()).isEqualTo(23);
    try (StreamResponse<ChatCompletionChunk> stream =
        openai.chat().completions().createStreaming(conversation().build())) {
      assertThat(
              stream.stream()
                  .flatMap(chunk -> chunk.choices().stream())
                  .flatMap(choice -> choice.delta().content().stream())
                  .collect(Collectors.joining()))
          .isEqualTo(text);
    }
  }

  @Test
  void openaiJavaSaysThePositionMethodInAFieldOfItsOwn() {
    ChatCompletion answer =
        openai
            .chat()
            .completions()
            .create(
                conversation()
                    .putAdditionalBodyProperty("position_method", JsonValue.from("rerope:window=8"))
                    .build());
    assertThat(String.valueOf(answer._additionalProperties().get("position_method")))
        .contains("rerope:window=8");
  }

  @Test
  void openaiJavaCompletesTextsAndListsModels() {
    Completion answer =
        openai
            .completions()
            .create(
                CompletionCreateParams.builder()
                    .model(MODEL)
                    .promptOfArrayOfStrings(List.of("a", "b"))
                    .maxTokens(3)
                    .build());
    assertThat(answer.choices()).hasSize(2);
    assertThat(openai.models().list().data().getFirst().id()).isEqualTo(MODEL);
  }

  @Test
  void openaiJavaSeesWhatIsWrong() {
    assertThatThrownBy(
            () -> openai.chat().completions().create(conversation().model("other").build()))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("other");
    assertThatThrownBy(
            () ->
                openai
                    .chat()
                    .completions()
                    .create(
                        conversation()
                            .putAdditionalBodyProperty("position_method", JsonValue.from("x"))
                            .build()))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("unknown method");
  }

  @Test
  void bothClientsGetTheSameVectors() {
    List<Float> vector =
        openai
            .embeddings()
            .create(EmbeddingCreateParams.builder().model(MODEL).input("some text").build())
            .data()
            .getFirst()
            .embedding();
    OpenAiEmbeddingModel model =
        OpenAiEmbeddingModel.builder().baseUrl(url).apiKey("none").modelName(MODEL).build();
    assertThat(model.embed("some text").content().vectorAsList()).isEqualTo(vector);
  }

  @Test
  void langchain4jGetsAnswersWholeAndInPieces() throws Exception {
    ChatResponse whole =
        OpenAiChatModel.builder()
            .baseUrl(url)
            .apiKey("none")
            .modelName(MODEL)
            .seed(SEED)
            .maxTokens(12)
            .build()
            .chat(UserMessage.from("Hello"));
    assertThat(whole.aiMessage().text())
        .isEqualTo(
            openai
                .chat()
                .completions()
                .create(conversation().build())
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow());
    assertThat(whole.tokenUsage().inputTokenCount()).isEqualTo(23);
    assertThat(whole.finishReason()).isIn(FinishReason.LENGTH, FinishReason.STOP);
    StreamingChatModel streaming =
        OpenAiStreamingChatModel.builder()
            .baseUrl(url)
            .apiKey("none")
            .modelName(MODEL)
            .seed(SEED)
            .maxTokens(12)
            .build();
    CompletableFuture<ChatResponse> streamed = new CompletableFuture<>();
    StringBuilder pieces = new StringBuilder();
    streaming.chat(
        List.of(UserMessage.from("Hello")),
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String piece) {
            pieces.append(piece);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            streamed.complete(response);
          }

          @Override
          public void onError(Throwable error) {
            streamed.completeExceptionally(error);
          }
        });
    ChatResponse last = streamed.get(30, TimeUnit.SECONDS);
    assertThat(last.aiMessage().text()).isEqualTo(whole.aiMessage().text());
    assertThat(pieces).hasToString(whole.aiMessage().text());
    assertThat(last.tokenUsage().totalTokenCount()).isEqualTo(whole.tokenUsage().totalTokenCount());
  }
}
