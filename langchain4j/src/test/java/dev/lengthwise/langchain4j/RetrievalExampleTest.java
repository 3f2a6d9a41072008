package dev.lengthwise.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.Model;
import dev.lengthwise.PositionedModel;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.runtime.ModelSettings;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Retrieval with one encoder and one decoder in the process: a text is embedded passage by
/// passage, and a question is answered from the passage that is nearest to it. Both models are tiny
/// and random here; with real ones only their names change.
class RetrievalExampleTest {

  private static final Path MODELS = Path.of("../core/src/test/resources/families/sentences");
  private static final TemplateChoice TEMPLATE =
      TemplateChoice.of(
          "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:");
  private static final List<String> TEXT =
      List.of(
          "The quick brown fox jumps over the lazy dog.",
          "A dog sleeps in the sun.",
          "Rain falls on the hills.");

  private static Model open(String name) {
    return Model.open(MODELS.resolve(name), ModelSettings.DEFAULT.withThreads(1), _ -> {});
  }

  @Test
  void aQuestionIsAnsweredFromTheNearestPassage() {
    try (Model encoder = open("mean");
        Model decoder = open("last")) {
      EmbeddingModel embeddings =
          new LengthwiseEmbeddingModel(encoder.embedder(), encoder.name(), List.of());
      String question = "A dog sleeps in the sun!";
      String passage = nearest(embeddings, TEXT, question);
      assertThat(passage).isEqualTo(TEXT.get(1));

      // The passages may be longer than the decoder was trained on: that is what the method is for.
      PositionedModel writer = decoder.with("rerope:window=16").withTemplate(TEMPLATE);
      LengthwiseChatRequestParameters defaults =
          LengthwiseChatRequestParameters.builder().maxOutputTokens(8).seed(1).build();
      try (LengthwiseChatModel chat =
          new LengthwiseChatModel(writer, ContextPolicy.refuse(500), defaults, List.of())) {
        List<ChatMessage> messages =
            List.of(
                SystemMessage.from("Answer from this passage: " + passage),
                UserMessage.from(question));
        ChatResponse answer = chat.chat(ChatRequest.builder().messages(messages).build());
        assertThat(answer.tokenUsage().inputTokenCount()).isGreaterThan(20);
        assertThat(answer.tokenUsage().outputTokenCount()).isBetween(0, 8);
        ChatRequest plain =
            ChatRequest.builder()
                .messages(messages)
                .parameters(
                    LengthwiseChatRequestParameters.builder().positionMethod("declared").build())
                .build();
        assertThat(chat.chat(plain).aiMessage().text())
            .as("the method of the request")
            .isNotEqualTo(answer.aiMessage().text());
        assertThat(chat.chat(ChatRequest.builder().messages(messages).build()).aiMessage().text())
            .as("the same seed, and the method of the model again")
            .isEqualTo(answer.aiMessage().text());
      }
      LengthwiseTokenCountEstimator counts = new LengthwiseTokenCountEstimator(encoder);
      assertThat(counts.estimateTokenCountInText(passage))
          .isEqualTo(encoder.countTokens(passage))
          .isPositive();
    }
  }

  private static String nearest(EmbeddingModel model, List<String> passages, String question) {
    List<Embedding> vectors =
        model.embedAll(passages.stream().map(TextSegment::from).toList()).content();
    Embedding wanted = model.embed(question).content();
    return IntStream.range(0, passages.size())
        .boxed()
        .max(
            Comparator.comparingDouble(
                index -> CosineSimilarity.between(vectors.get(index), wanted)))
        .map(passages::get)
        .orElseThrow();
  }
}
