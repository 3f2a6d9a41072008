package dev.lengthwise.app.options;

import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.chat.TemplateChoice;
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

  /// Which template is wanted.
  public TemplateChoice template() {
    return template.choice();
  }

  /// The conversation of one message, with the system message before it.
  public Conversation conversation(String message) {
    List<Message> messages = new ArrayList<>();
    if (system != null) {
      messages.add(new Message("system", system));
    }
    messages.add(new Message("user", message));
    return Conversation.of(messages);
  }
}
