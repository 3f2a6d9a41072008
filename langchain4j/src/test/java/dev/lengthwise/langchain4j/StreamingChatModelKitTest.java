package dev.lengthwise.langchain4j;

import static org.mockito.ArgumentMatchers.any;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import org.mockito.InOrder;

/// LangChain4j's own tests of streaming chat models, with a script behind the adapter.
class StreamingChatModelKitTest extends AbstractStreamingChatModelIT {

  @Override
  protected List<StreamingChatModel> models() {
    return List.of(createModelWith(LengthwiseChatRequestParameters.builder().build()));
  }

  @Override
  protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
    return new LengthwiseStreamingChatModel(new Script(), parameters, List.of());
  }

  @Override
  public StreamingChatModel createModelWith(ChatModelListener listener) {
    return new LengthwiseStreamingChatModel(
        new Script(), LengthwiseChatRequestParameters.builder().build(), List.of(listener));
  }

  @Override
  protected String customModelName() {
    return "script";
  }

  @Override
  protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
    return LengthwiseChatRequestParameters.builder()
        .maxOutputTokens(maxOutputTokens)
        .positionMethod("rerope:window=64")
        .build();
  }

  // One model is one name.
  @Override
  protected boolean supportsModelNameParameter() {
    return false;
  }

  // One grammar binds a whole answer.
  @Override
  protected boolean supportsToolsAndJsonResponseFormatWithSchema() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsBase64EncodedString() {
    return false;
  }

  @Override
  protected boolean supportsMultipleImageInputsAsBase64EncodedStrings() {
    return false;
  }

  @Override
  protected boolean supportsSingleImageInputAsPublicURL() {
    return false;
  }

  @Override
  protected boolean supportsMultipleImageInputsAsPublicURLs() {
    return false;
  }

  // A call is told when it is whole.
  @Override
  protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
    return false;
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder inOrder, String id) {
    inOrder
        .verify(handler)
        .onCompleteToolCall(complete(0, id, "getWeather", "{\"city\":\"Munich\"}"));
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder inOrder, StreamingChatModel model) {
    inOrder.verify(handler).onCompleteToolCall(any());
  }

  @Override
  protected void verifyToolCallbacks(
      StreamingChatResponseHandler handler, InOrder inOrder, String id, String other) {
    verifyToolCallbacks(handler, inOrder, id);
    inOrder
        .verify(handler)
        .onCompleteToolCall(complete(1, other, "getTime", "{\"country\":\"France\"}"));
  }
}
