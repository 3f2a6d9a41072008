package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Model;
import dev.lengthwise.PositionedModel;
import dev.lengthwise.Session;
import dev.lengthwise.app.options.ChatOptions;
import dev.lengthwise.app.options.GrammarOptions;
import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.SamplingOptions;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.TokenLogprob;
import dev.lengthwise.text.Document;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `generate`: text from a prompt, streamed.
@Command(
    name = "generate",
    description = "Continues a prompt, token by token.",
    mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {

  @Mixin private ModelOptions model = ModelOptions.forTexts();
  @Mixin private MethodOptions method = new MethodOptions();
  @Mixin private TextOptions text = new TextOptions();
  @Mixin private ChatOptions chat = new ChatOptions();
  @Mixin private SamplingOptions drawing = new SamplingOptions();
  @Mixin private GrammarOptions grammar = new GrammarOptions();

  @Option(
      names = {"-n", "--predict", "--n-predict", "--max-tokens"},
      paramLabel = "N",
      description = "Tokens to generate (default ${DEFAULT-VALUE}).")
  private int predict = 128;

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "N",
      description = "Limit of tokens of prompt and generated text together; default: none.")
  private @Nullable Integer contextSize;

  @Option(
      names = {"--stop", "-r", "--reverse-prompt"},
      paramLabel = "TEXT",
      description =
          "Ends the text before TEXT, or at the control token of this name; may be given several"
              + " times.")
  private List<String> stops = new ArrayList<>();

  @Option(
      names = "--ignore-eos",
      description = "Goes on to --predict tokens: end tokens are never drawn.")
  private boolean ignoreEnd;

  @Option(
      names = "--logprobs",
      paramLabel = "N",
      description =
          "After the text a line of JSON for each token: its log-probability and the N most likely"
              + " tokens at its place.")
  private @Nullable Integer logprobs;

  @Option(names = "--quiet", description = "No line about speed.")
  private boolean quiet;

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  @Override
  public Integer call() {
    GenerationOptions free = Usage.checked(this::options);
    GenerationOptions options = grammar.constraint().map(free::withGrammar).orElse(free);
    if (contextSize != null) {
      Usage.positive(contextSize, "--ctx-size");
    }
    try (Model open = model.openForTexts()) {
      return chat.areOn() ? answer(open, options) : goOn(open, options);
    }
  }

  private int goOn(Model open, GenerationOptions options) {
    int[] prompt = prompt(open);
    try (Session session = positioned(open, prompt.length).session()) {
      sayPadding(open);
      say(open, session.generate(prompt, options, this::print, () -> false), session);
    }
    return 0;
  }

  private int answer(Model open, GenerationOptions options) {
    List<Document> documents = text.documents();
    Usage.require(
        documents.size() == 1 && text.ids == null,
        "--chat takes one message; give it with -p or -f");
    Conversation conversation = chat.conversation(documents.getFirst().text());
    PositionedModel positioned =
        positioned(open, open.countTokens(conversation, chat.template()))
            .withTemplate(chat.template());
    try (Session session = positioned.session()) {
      sayPadding(open);
      say(open, session.chat(conversation, options, this::print, () -> false).result(), session);
    }
    return 0;
  }

  private void say(Model open, GenerationResult result, Session session) {
    out.println();
    for (TokenLogprob token : result.logprobs()) {
      JsonOutput.print(entry(open, token));
    }
    if (!quiet) {
      System.err.println(summary(result, session.context().cacheBytes()));
    }
  }

  private static Map<String, Object> entry(Model open, TokenLogprob token) {
    Map<String, Object> entry = entry(open, token.id(), token.logprob());
    entry.put(
        "top", token.top().stream().map(top -> entry(open, top.id(), top.logprob())).toList());
    return entry;
  }

  private static Map<String, Object> entry(Model open, int id, double logprob) {
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", id);
    entry.put("piece", open.piece(id));
    entry.put("logprob", logprob);
    return entry;
  }

  private void sayPadding(Model open) {
    int padding = open.vocabularySize() - open.tokens();
    if (padding > 0 && !quiet) {
      System.err.println(
          "%d of the %d rows of the model have no token in its tokenizer; they are never drawn."
              .formatted(padding, open.vocabularySize()));
    }
  }

  private void print(String piece) {
    StandardOutput.print(out, piece);
  }

  private GenerationOptions options() {
    GenerationOptions options =
        new GenerationOptions(predict, model.batch, drawing.sampling(), stops, ignoreEnd);
    return logprobs == null ? options : options.withLogprobs(logprobs);
  }

  private int[] prompt(Model open) {
    List<TextOptions.TokenText> texts = text.tokens(open::encodePrompt, open.vocabularySize());
    if (texts.size() > 1) {
      throw new WrongUsageException(
          "generate takes one text, found " + texts.size() + "; give one of -p, -f and --ids");
    }
    int[] ids = texts.isEmpty() ? open.encodePrompt("") : texts.getFirst().ids();
    if (ids.length == 0) {
      throw new LengthwiseException(
          "The prompt is empty and this model has no begin-of-text token; give a text with -p");
    }
    return ids;
  }

  private PositionedModel positioned(Model open, int promptTokens) {
    long whole = (long) promptTokens + predict;
    if (contextSize != null && promptTokens > contextSize) {
      throw new LengthwiseException(
          "The prompt has "
              + promptTokens
              + " tokens, more than --ctx-size "
              + contextSize
              + "; shorten it or raise the limit");
    }
    if (contextSize != null && whole > contextSize) {
      throw new LengthwiseException(
          "The prompt of "
              + promptTokens
              + " tokens and --predict "
              + predict
              + " exceed --ctx-size "
              + contextSize
              + "; lower --predict or raise the limit");
    }
    return open.with(method.text(), OptionalLong.of(whole));
  }

  private static String summary(GenerationResult result, long cacheBytes) {
    return String.format(
        Locale.ROOT,
        "prompt %d tokens in %.2f s (%.1f/s), generated %d in %.2f s (%.1f/s), ended by %s, "
            + "key-value cache %.1f MiB",
        result.promptTokens(),
        result.promptSeconds(),
        result.promptTokens() / Math.max(1e-3, result.promptSeconds()),
        result.generatedTokens(),
        result.generationSeconds(),
        result.generatedTokens() / Math.max(1e-3, result.generationSeconds()),
        result.reason().name().toLowerCase(Locale.ROOT).replace('_', ' '),
        cacheBytes / 1048576.0);
  }
}
