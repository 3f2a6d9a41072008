package dev.lengthwise.app.command;

import dev.lengthwise.Chat;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Model;
import dev.lengthwise.PositionedModel;
import dev.lengthwise.app.options.ChatTemplateOptions;
import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.SamplingOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.terminal.LineInput;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.generate.GenerationOptions;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `chat`: a conversation in a terminal, or of lines that are piped in.
@Command(
    name = "chat",
    description = {
      "A conversation: each line is a message, and /help lists what else a line may be.",
      "A turn reads its own tokens only, whatever the length of the conversation."
    },
    mixinStandardHelpOptions = true)
public final class ChatCommand implements Callable<Integer> {

  @Mixin private ModelOptions model = ModelOptions.forTexts();
  @Mixin private MethodOptions method = new MethodOptions();
  @Mixin private SamplingOptions drawing = new SamplingOptions();
  @Mixin private ChatTemplateOptions template = new ChatTemplateOptions();

  @Option(names = "--system", paramLabel = "TEXT", description = "A system message at the begin.")
  private @Nullable String system;

  @Option(
      names = {"-n", "--predict", "--n-predict", "--max-tokens"},
      paramLabel = "N",
      description = "Most tokens of an answer (default ${DEFAULT-VALUE}).")
  private int predict = 1024;

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "N",
      description = "Limit of tokens of the conversation; default: none.")
  private @Nullable Integer contextSize;

  /// What happens at the limit.
  private enum AtLimit {
    REFUSE,
    DROP
  }

  @Option(
      names = "--at-limit",
      paramLabel = "WHAT",
      description =
          "What happens at --ctx-size: REFUSE the message, or DROP the oldest turns and say so"
              + " (default ${DEFAULT-VALUE}).")
  private AtLimit atLimit = AtLimit.REFUSE;

  @Option(
      names = "--load",
      paramLabel = "FILE",
      description = "Goes on with a conversation that /save or /state wrote.")
  private @Nullable Path load;

  @Option(
      names = "--history",
      paramLabel = "FILE",
      description = "Keeps the lines of a terminal from one chat to the next; default: not kept.")
  private @Nullable Path history;

  @Option(names = "--quiet", description = "No lines about speed.")
  private boolean quiet;

  @SuppressWarnings("ClosingStandardOutputStreams") // the resource leaves the stream open
  @Override
  public Integer call() {
    GenerationOptions options =
        Usage.checked(
            () -> new GenerationOptions(predict, model.batch, drawing.sampling(), List.of()));
    ContextPolicy policy = policy();
    TemplateChoice choice = template.parsedChoice();
    Usage.require(
        system == null || load == null,
        "--system and --load exclude each other: a conversation has its own system message");
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (Model open = model.openForTexts();
        LineInput lines =
            LineInput.of(System.in, ChatConsole.Word.texts(), Optional.ofNullable(history))) {
      PositionedModel positioned = positioned(open, choice);
      try (ChatConsole console =
          new ChatConsole(
              positioned,
              begin(positioned, policy),
              new ChatConsole.Settings(policy, options, quiet),
              out,
              System.err)) {
        return console.run(lines) ? 0 : 1;
      }
    }
  }

  private PositionedModel positioned(Model open, TemplateChoice choice) {
    OptionalLong target = contextSize == null ? OptionalLong.empty() : OptionalLong.of(contextSize);
    if (choice instanceof TemplateChoice.Own && !open.hasChatTemplate()) {
      throw new LengthwiseException(
          "The model %s has no chat template; give one with --chat-template or --chat-template-file"
              .formatted(open.name()));
    }
    return open.with(method.text(), target).withTemplate(choice);
  }

  private Chat begin(PositionedModel positioned, ContextPolicy policy) {
    if (load != null) {
      return positioned.restoreChat(load, policy);
    }
    Chat chat = positioned.chat(policy);
    if (system != null) {
      chat.add("system", system);
    }
    return chat;
  }

  private ContextPolicy policy() {
    if (contextSize == null) {
      return ContextPolicy.UNLIMITED;
    }
    Usage.positive(contextSize, "--ctx-size");
    return switch (atLimit) {
      case REFUSE -> ContextPolicy.refuse(contextSize);
      case DROP -> ContextPolicy.dropOldestTurns(contextSize);
    };
  }
}
