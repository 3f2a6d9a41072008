package dev.lengthwise.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.lengthwise.ChatReply;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.PositionedModel;
import java.util.List;
import java.util.Set;

/// A model of this process as a chat model. For any number of threads.
///
/// Answers may be bound to JSON or to a schema, or call tools; images are refused. Close it before
/// its model: the session of the last answer is kept for the next turn.
public final class LengthwiseChatModel implements ChatModel, AutoCloseable {

  private final Answers answers;
  private final ChatRequestParameters defaults;
  private final List<ChatModelListener> listeners;
  private final AnswerForm forms = new AnswerForm();

  /// A chat model without a limit of tokens.
  public LengthwiseChatModel(PositionedModel model) {
    this(
        model,
        ContextPolicy.UNLIMITED,
        LengthwiseChatRequestParameters.builder().build(),
        List.of());
  }

  /// A chat model.
  ///
  /// @param policy what happens where a conversation has more tokens than a limit
  /// @param defaults parameters of requests that do not say them
  public LengthwiseChatModel(
      PositionedModel model,
      ContextPolicy policy,
      ChatRequestParameters defaults,
      List<ChatModelListener> listeners) {
    this(new ModelAnswers(model, policy), defaults, listeners);
  }

  LengthwiseChatModel(
      Answers answers, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
    PreparedRequest.requireName(defaults, answers.modelName());
    this.answers = answers;
    this.defaults = LengthwiseChatRequestParameters.builder().overrideWith(defaults).build();
    this.listeners = List.copyOf(listeners);
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    PreparedRequest prepared = PreparedRequest.of(request, answers.modelName(), forms);
    ChatReply reply =
        answers.answer(
            prepared.conversation(),
            prepared.method(),
            prepared.options(),
            _ -> {},
            () -> Thread.currentThread().isInterrupted());
    AnswerText text = new AnswerText(prepared.tools(), _ -> {});
    text.accept(reply.text());
    List<ToolExecutionRequest> calls = text.end();
    return ChatResponses.of(reply, text.said(), calls, answers.modelName());
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return defaults;
  }

  @Override
  public List<ChatModelListener> listeners() {
    return listeners;
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
  }

  @Override
  public void close() {
    answers.close();
  }
}
