package dev.lengthwise.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.TokenCountEstimator;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Model;
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
    try {
      return count(List.of(message));
    } catch (LengthwiseException _) {
      return model.countTokens(Messages.content(message));
    }
  }

  @Override
  public int estimateTokenCountInMessages(Iterable<ChatMessage> messages) {
    List<ChatMessage> all = new ArrayList<>();
    messages.forEach(all::add);
    return all.isEmpty() ? 0 : count(all);
  }

  private int count(List<ChatMessage> messages) {
    return model.countTokens(
        Messages.conversation(messages, List.of()).withGenerationPrompt(false), TemplateChoice.OWN);
  }
}
