package dev.lengthwise.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import java.util.List;

/// LangChain4j's own tests of chat models, with a script behind the adapter.
class ChatModelKitTest extends AbstractChatModelIT {

  @Override
  protected List<ChatModel> models() {
    return List.of(createModelWith(LengthwiseChatRequestParameters.builder().build()));
  }

  @Override
  protected ChatModel createModelWith(ChatRequestParameters parameters) {
    return new LengthwiseChatModel(new Script(), parameters, List.of());
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
}
