package dev.lengthwise.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.SamplingStep.Penalties;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A request of LangChain4j in terms of the library. What a model cannot do is refused.
///
/// @param method position method; empty: the usual one
record PreparedRequest(
    Conversation conversation, Optional<String> method, GenerationOptions options) {

  /// Most tokens of an answer where nothing is said.
  static final int TOKENS = 1024;

  /// @param modelName the only name that a request may say
  /// @throws UnsupportedFeatureException of tools, images, and other models
  static PreparedRequest of(ChatRequest request, String modelName) {
    ChatRequestParameters parameters = request.parameters();
    requireName(parameters, modelName);
    refuse(parameters.toolChoice() == ToolChoice.REQUIRED, "ToolChoice.REQUIRED");
    refuse(!parameters.toolSpecifications().isEmpty(), "tools");
    GenerationOptions options =
        GenerationOptions.of(
                sampling(parameters),
                Objects.requireNonNullElse(parameters.maxOutputTokens(), TOKENS))
            .withStops(parameters.stopSequences());
    return new PreparedRequest(
        conversation(request.messages()),
        parameters instanceof LengthwiseChatRequestParameters own
            ? Optional.ofNullable(own.positionMethod())
            : Optional.empty(),
        AnswerForm.of(parameters.responseFormat()).map(options::withGrammar).orElse(options));
  }

  /// Refuses parameters of another model.
  static void requireName(ChatRequestParameters parameters, String modelName) {
    refuse(
        parameters.modelName() != null && !parameters.modelName().equals(modelName),
        "a modelName other than " + modelName);
  }

  private static void refuse(boolean asked, String feature) {
    if (asked) {
      throw new UnsupportedFeatureException(
          "The adapter of Lengthwise does not support " + feature);
    }
  }

  private static Sampling sampling(ChatRequestParameters parameters) {
    Sampling sampling =
        new Sampling(
            or(parameters.temperature(), 1),
            Objects.requireNonNullElse(parameters.topK(), 0),
            or(parameters.topP(), 1),
            0,
            seed(parameters));
    double frequency = or(parameters.frequencyPenalty(), 0);
    double presence = or(parameters.presencePenalty(), 0);
    return frequency == 0 && presence == 0
        ? sampling
        : sampling.with(new Penalties(1, frequency, presence, -1));
  }

  private static double or(@Nullable Double value, double otherwise) {
    return value == null ? otherwise : value;
  }

  private static long seed(ChatRequestParameters parameters) {
    @Nullable Long seed =
        parameters instanceof LengthwiseChatRequestParameters own ? own.seed() : null;
    return seed == null ? ThreadLocalRandom.current().nextLong() : seed;
  }

  /// The messages, after which the model speaks.
  static Conversation conversation(List<ChatMessage> messages) {
    return Conversation.of(messages.stream().map(PreparedRequest::message).toList());
  }

  static Message message(ChatMessage message) {
    return switch (message) {
      case SystemMessage system -> new Message("system", system.text());
      case UserMessage user -> new Message("user", text(user));
      case AiMessage answer when !answer.hasToolExecutionRequests() ->
          new Message("assistant", Objects.requireNonNullElse(answer.text(), ""));
      default ->
          throw new UnsupportedFeatureException(
              "The adapter of Lengthwise does not support messages of the type "
                  + message.type().name().toLowerCase(Locale.ROOT));
    };
  }

  private static String text(UserMessage user) {
    return user.contents().stream().map(PreparedRequest::text).collect(Collectors.joining());
  }

  private static String text(Content content) {
    if (content instanceof TextContent text) {
      return text.text();
    }
    throw new UnsupportedFeatureException(
        "The adapter of Lengthwise does not support contents of the type "
            + content.type().name().toLowerCase(Locale.ROOT));
  }
}
