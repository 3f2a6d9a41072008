package dev.lengthwise.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.lengthwise.CancelToken;
import dev.lengthwise.ChatReply;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.PositionedModel;
import java.util.List;
import java.util.Set;

/// A model of this process as a chat model whose answers come piece by piece, each on a thread of
/// its own. For any number of threads.
///
/// An answer is called off through the `StreamingHandle` of its pieces: the model stops before its
/// next token, and neither `onCompleteResponse` nor `onError` follow. Close it before its model.
public final class LengthwiseStreamingChatModel implements StreamingChatModel, AutoCloseable {

  private final Answers answers;
  private final ChatRequestParameters defaults;
  private final List<ChatModelListener> listeners;
  private final AnswerForm forms = new AnswerForm();

  /// A chat model without a limit of tokens.
  public LengthwiseStreamingChatModel(PositionedModel model) {
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
  public LengthwiseStreamingChatModel(
      PositionedModel model,
      ContextPolicy policy,
      ChatRequestParameters defaults,
      List<ChatModelListener> listeners) {
    this(new ModelAnswers(model, policy), defaults, listeners);
  }

  LengthwiseStreamingChatModel(
      Answers answers, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
    PreparedRequest.requireName(defaults, answers.modelName());
    this.answers = answers;
    this.defaults = LengthwiseChatRequestParameters.builder().overrideWith(defaults).build();
    this.listeners = List.copyOf(listeners);
  }

  /// Calls an answer off.
  private record Handle(CancelToken token) implements StreamingHandle {

    @Override
    public void cancel() {
      token.cancel();
    }

    @Override
    public boolean isCancelled() {
      return token.getAsBoolean();
    }
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    PreparedRequest prepared = PreparedRequest.of(request, answers.modelName(), forms);
    Thread.ofPlatform().daemon().name("lengthwise-answer").start(() -> answer(prepared, handler));
  }

  private void answer(PreparedRequest prepared, StreamingChatResponseHandler handler) {
    Handle handle = new Handle(new CancelToken());
    AnswerText text = new AnswerText(prepared.tools(), piece -> tell(handler, piece, handle));
    try {
      ChatReply reply =
          answers.answer(
              prepared.conversation(),
              prepared.method(),
              prepared.options(),
              text::accept,
              handle.token());
      if (!handle.isCancelled()) {
        complete(handler, reply, text);
      }
    } catch (RuntimeException | Error e) {
      if (!handle.isCancelled()) {
        tellError(handler, e);
      }
    }
  }

  private void complete(StreamingChatResponseHandler handler, ChatReply reply, AnswerText text) {
    List<ToolExecutionRequest> calls = text.end();
    for (int index = 0; index < calls.size(); index++) {
      CompleteToolCall call = new CompleteToolCall(index, calls.get(index));
      guarded(handler, () -> handler.onCompleteToolCall(call));
    }
    ChatResponse response = ChatResponses.of(reply, text.said(), calls, answers.modelName());
    guarded(handler, () -> handler.onCompleteResponse(response));
  }

  private static void tell(StreamingChatResponseHandler handler, String piece, Handle handle) {
    if (!piece.isEmpty() && !handle.isCancelled()) {
      guarded(
          handler,
          () ->
              handler.onPartialResponse(
                  new PartialResponse(piece), new PartialResponseContext(handle)));
    }
  }

  // What a handler throws goes to its `onError`, and the answer goes on, as in LangChain4j's own
  // integrations.
  private static void guarded(StreamingChatResponseHandler handler, Runnable call) {
    try {
      call.run();
    } catch (Exception e) {
      tellError(handler, e);
    }
  }

  private static void tellError(StreamingChatResponseHandler handler, Throwable error) {
    try {
      handler.onError(error);
    } catch (Exception _) {
      // Nobody is left to be told.
    }
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
