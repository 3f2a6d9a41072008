package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.chat.template.Template;
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

  /// Which template is wanted.
  ///
  /// @throws LengthwiseException when the file of one cannot be read
  public TemplateChoice choice() {
    Usage.require(
        file == null || template == null,
        "--chat-template and --chat-template-file exclude each other");
    if (file != null) {
      return TemplateChoice.inFile(file);
    }
    return template == null ? TemplateChoice.OWN : TemplateChoice.of(template);
  }

  /// As [#choice], of which the faults of a given template are said before anything else.
  ///
  /// @throws LengthwiseException when the template is damaged, too
  public TemplateChoice parsedChoice() {
    TemplateChoice choice = choice();
    if (choice instanceof TemplateChoice.Given(String name, String source)) {
      Template.parse(name, source);
    }
    return choice;
  }
}
