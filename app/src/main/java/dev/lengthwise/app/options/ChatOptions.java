package dev.lengthwise.app.options;

import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.chat.ChatTokens;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.text.Document;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Whether a prompt is what a user says to an assistant.
public final class ChatOptions {

  @Option(
      names = "--chat",
      description = "The prompt is the message of a user, put into the model's chat template.")
  boolean chat;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "With --chat: a system message before it.")
  @Nullable String system;

  @Mixin ChatTemplateOptions template = new ChatTemplateOptions();

  /// Whether the prompt is a message.
  public boolean areOn() {
    Usage.require(
        chat || (system == null && template.template == null && template.file == null),
        "--system and --chat-template go with --chat");
    return chat;
  }

  /// The ids of a prompt: a conversation of one message, up to where the model answers.
  public int[] prompt(OpenModel open, Document document, Clock clock) {
    List<Message> messages = new ArrayList<>();
    if (system != null) {
      messages.add(new Message("system", system));
    }
    messages.add(new Message("user", document.text()));
    Conversation conversation = Conversation.of(messages).withDefaults();
    ChatTemplates own = ChatTemplates.of(open.loaded().checkpoint()).with(open.tokenizer());
    return ChatTokens.encode(
        template.choose(own, conversation).render(conversation, clock), open.tokenizer());
  }
}
