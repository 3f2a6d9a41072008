package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.ChatTemplateOptions;
import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.chat.ChatTokens;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.SpecialTokenNames;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.family.TokenizerFinder;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `template`: exactly what a model is given for a conversation.
///
/// With a model, variables that the data leave open are what transformers gives: no tools, no
/// documents, the begin of an answer at the end, and the model's special tokens. With a template
/// alone, the data are all that it sees.
@Command(
    name = "template",
    description = "Shows the text or the ids that a chat template makes of messages.",
    mixinStandardHelpOptions = true)
public final class TemplateCommand implements Callable<Integer> {

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      description = "Model, or a file beside its templates.")
  private @Nullable String model;

  @Mixin private RevisionOption revision = new RevisionOption();
  @Mixin private ChatTemplateOptions template = new ChatTemplateOptions();

  @Option(names = "--file", paramLabel = "FILE", description = "The same as --chat-template-file.")
  private @Nullable Path file;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description =
          "JSON object of the template's variables: messages, tools, documents and any other.")
  private Path data = Path.of("");

  @Option(
      names = "--generation-prompt",
      negatable = true,
      description =
          "With or without the begin of an answer at the end, whatever the data say; default: as"
              + " the data say, else with it if a model is given.")
  private @Nullable Boolean generationPrompt;

  @Option(
      names = "--ids",
      description = "Token ids instead of text; control tokens of the template are such.")
  private boolean ids;

  @Option(
      names = "--now",
      paramLabel = "TIME",
      description = "Date and time that the template sees, as 2025-07-10T09:05:03; default: now.")
  private @Nullable String now;

  @Override
  public Integer call() {
    if (file != null) {
      template.useFile(file);
    }
    TemplateChoice wanted = template.choice();
    Usage.require(
        model != null || wanted instanceof TemplateChoice.Given,
        "template needs a model or a template; give -m or --file");
    Usage.require(model != null || !ids, "--ids needs a tokenizer; give a model with -m");
    Clock clock = clock();
    Optional<Path> path = Optional.ofNullable(model).map(revision::resolve);
    Conversation conversation = conversation();
    Optional<Tokenizer> tokenizer = path.flatMap(this::tokenizer);
    ChatTemplates found =
        path.map(ChatTemplates::of).orElse(new ChatTemplates("", Map.of(), SpecialTokenNames.NONE));
    ChatTemplates own = tokenizer.map(found::with).orElse(found);
    Rendering rendering = own.choose(wanted, conversation).render(conversation, clock);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (ids) {
      out.println(
          Arrays.stream(ChatTokens.encode(rendering, tokenizer.orElseThrow()))
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" ")));
    } else {
      out.print(rendering.text());
      out.flush();
    }
    return 0;
  }

  // A template needs no tokenizer; its ids do.
  private Optional<Tokenizer> tokenizer(Path path) {
    try {
      return Optional.of(TokenizerFinder.of(path));
    } catch (LengthwiseException none) {
      if (ids) {
        throw none;
      }
      return Optional.empty();
    }
  }

  private Conversation conversation() {
    Conversation given = Conversation.of(JsonObjects.readPythonObject(data));
    Conversation complete = model == null ? given : given.withDefaults();
    return generationPrompt == null ? complete : complete.withGenerationPrompt(generationPrompt);
  }

  private Clock clock() {
    if (now == null) {
      return Clock.system(ZoneId.systemDefault());
    }
    try {
      return Clock.fixed(LocalDateTime.parse(now).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
    } catch (DateTimeParseException e) {
      throw new WrongUsageException(
          "--now must be a date and time as 2025-07-10T09:05:03, found '" + now + "'");
    }
  }
}
