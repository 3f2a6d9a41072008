package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.chat.template.Template;
import dev.lengthwise.chat.template.TemplateData;
import java.time.Clock;
import java.util.Map;

/// One chat template of a model, with the names of the special tokens that it may print. Immutable.
public final class ChatTemplate {

  private final Template template;
  private final SpecialTokenNames tokens;

  private ChatTemplate(Template template, SpecialTokenNames tokens) {
    this.template = template;
    this.tokens = tokens;
  }

  /// A template from its text.
  ///
  /// @param name where it comes from, for messages
  /// @param tokens the special tokens of the model that it is for
  /// @throws LengthwiseException with the line of what is wrong
  public static ChatTemplate of(String name, String source, SpecialTokenNames tokens) {
    return new ChatTemplate(Template.parse(name, source), tokens);
  }

  /// The text of a conversation, which knows what of it came from the conversation.
  ///
  /// A variable of the conversation hides the special token of its name, unless it is the same.
  ///
  /// @param clock what the template may print the date of
  /// @throws LengthwiseException with the line where the template fails or refuses
  public Rendering render(Conversation conversation, Clock clock) {
    TemplateData data = TemplateData.EMPTY;
    for (Map.Entry<String, String> token : tokens.named().entrySet()) {
      data = data.withOwn(token.getKey(), token.getValue());
    }
    if (!tokens.additional().isEmpty()) {
      data = data.withOwn("additional_special_tokens", tokens.additional());
    }
    for (Map.Entry<String, JsonNode> variable : conversation.variables().entrySet()) {
      String own = tokens.named().get(variable.getKey());
      if (own == null || !own.equals(variable.getValue().textValue())) {
        data = data.with(variable.getKey(), variable.getValue());
      }
    }
    return template.render(data, clock);
  }
}
