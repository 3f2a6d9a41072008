package dev.lengthwise.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.generate.SamplingStep.Penalties;
import dev.lengthwise.generate.TokenFilter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// A request of LangChain4j in terms of the library. What a model cannot do is refused.
///
/// @param method position method; empty: the usual one
/// @param tools that the model sees
record PreparedRequest(
    Conversation conversation,
    Optional<String> method,
    GenerationOptions options,
    List<ToolSpecification> tools) {

  /// Most tokens of an answer where nothing is said.
  static final int TOKENS = 1024;

  /// @param modelName the only name that a request may say
  /// @param forms those of answers of the model
  /// @throws UnsupportedFeatureException of images, other models, and tools beside a form of the
  ///     answer
  static PreparedRequest of(ChatRequest request, String modelName, AnswerForm forms) {
    ChatRequestParameters parameters = request.parameters();
    requireName(parameters, modelName);
    List<ToolSpecification> tools =
        parameters.toolChoice() == ToolChoice.NONE ? List.of() : parameters.toolSpecifications();
    boolean required = parameters.toolChoice() == ToolChoice.REQUIRED;
    refuse(required && tools.isEmpty(), "ToolChoice.REQUIRED without tools");
    Optional<TokenFilter.Maker> form = forms.of(parameters.responseFormat());
    refuse(form.isPresent() && !tools.isEmpty(), "tools together with a JSON response format");
    Optional<TokenFilter.Maker> bound = required ? Optional.of(forms.ofCall(tools)) : form;
    GenerationOptions options =
        GenerationOptions.of(
                sampling(parameters),
                Objects.requireNonNullElse(parameters.maxOutputTokens(), TOKENS))
            .withStops(parameters.stopSequences());
    return new PreparedRequest(
        Messages.conversation(request.messages(), tools),
        parameters instanceof LengthwiseChatRequestParameters own
            ? Optional.ofNullable(own.positionMethod())
            : Optional.empty(),
        bound.map(options::withGrammar).orElse(options),
        tools);
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
}
