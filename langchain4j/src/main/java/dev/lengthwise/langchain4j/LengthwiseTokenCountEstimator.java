package dev.lengthwise.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Model;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateChoice;
import java.util.ArrayList;
import java.util.List;

/// Counts tokens as a model reads them. Texts are exact, and whole conversations without
/// what the template writes before an answer.
///
/// A message alone is counted with what the chat template writes around it. Where the template
/// refuses it (some want a conversation to begin with a user's message), its text is counted.
public final class LengthwiseTokenCountEstimator implements TokenCountEstimator {

  private final Model model;

  /// An estimator for a model.
  public LengthwiseTokenCountEstimator(Model model) {
    this.model = model;
  }

  @Override
  public int estimateTokenCountInText(String text) {
    return model.countTokens(text);
  }

  @Override
  public int estimateTokenCountInMessage(ChatMessage message) {
    Conversation.Message one = PreparedRequest.message(message);
    try {
      return count(List.of(one));
    } catch (LengthwiseException _) {
      return model.countTokens(one.content());
    }
  }

  @Override
  public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
    List<Conversation.Message> all = new ArrayList<>();
    messages.forEach(message -> all.add(PreparedRequest.message(message)));
    return all.isEmpty() ? 0 : count(all);
  }

  private int count(List<Conversation.Message> messages) {
    return model.countTokens(
        Conversation.of(messages).withGenerationPrompt(false), TemplateChoice.OWN);
  }
}
