package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.ChatTemplate;
import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateFolder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which chat template is used: the model's own, one of its own by name, or another.
public final class ChatTemplateOptions {

  @Option(
      names = "--chat-template",
      paramLabel = "TEMPLATE",
      description = "Name of one of the model's templates, or a template in Jinja.")
  @Nullable String template;

  @Option(
      names = "--chat-template-file",
      paramLabel = "FILE",
      description = "File with a template in Jinja, in place of the model's.")
  @Nullable Path file;

  /// Takes the template from a file, as `--chat-template-file` does.
  public void useFile(Path given) {
    Usage.require(file == null, "--file and --chat-template-file are the same; give only one");
    file = given;
  }

  /// Whether the template is given, and not that of the model.
  public boolean areGiven() {
    return file != null || (template != null && isJinja(template));
  }

  private static boolean isJinja(String text) {
    return text.contains("{");
  }

  /// The template for a conversation.
  ///
  /// @param own the templates and special tokens of the model
  /// @throws LengthwiseException when there is none, or when it is damaged
  public ChatTemplate choose(ChatTemplates own, Conversation conversation) {
    Usage.require(
        file == null || template == null,
        "--chat-template and --chat-template-file exclude each other");
    if (file != null) {
      return ChatTemplate.of(file.toString(), TemplateFolder.text(file), own.tokens());
    } else if (template != null && isJinja(template)) {
      return ChatTemplate.of("of --chat-template", template, own.tokens());
    }
    return template == null ? own.choose(conversation) : own.named(template);
  }
}
