package dev.lengthwise.app;

import dev.lengthwise.app.command.BenchCommand;
import dev.lengthwise.app.command.ChatCommand;
import dev.lengthwise.app.command.CompareCommand;
import dev.lengthwise.app.command.ConfigCommand;
import dev.lengthwise.app.command.DiagnoseCommand;
import dev.lengthwise.app.command.EmbedCommand;
import dev.lengthwise.app.command.EvaluateCommand;
import dev.lengthwise.app.command.ExperimentCommand;
import dev.lengthwise.app.command.GenerateCommand;
import dev.lengthwise.app.command.HelpCommand;
import dev.lengthwise.app.command.InspectCommand;
import dev.lengthwise.app.command.MethodsCommand;
import dev.lengthwise.app.command.PasskeyCommand;
import dev.lengthwise.app.command.PerplexityCommand;
import dev.lengthwise.app.command.PlanCommand;
import dev.lengthwise.app.command.PrepareCommand;
import dev.lengthwise.app.command.PullCommand;
import dev.lengthwise.app.command.QuantizeCommand;
import dev.lengthwise.app.command.ServeCommand;
import dev.lengthwise.app.command.TemplateCommand;
import dev.lengthwise.app.command.TokenizeCommand;
import dev.lengthwise.app.command.TokenizerCommand;
import dev.lengthwise.app.command.TrainCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// The list of commands, in the order in which the help shows them.
///
/// Building the parser of a command takes reflection; so only the one that is asked for is built.
final class Commands {

  private static final Entry HELP_COMMAND = new Entry("help", HelpCommand::new, false);

  /// Every command.
  static final List<Entry> ALL =
      List.of(
          new Entry("compare", CompareCommand::new, true),
          new Entry("generate", GenerateCommand::new, true),
          new Entry("chat", ChatCommand::new, true),
          new Entry("serve", ServeCommand::new, true),
          new Entry("perplexity", PerplexityCommand::new, true),
          new Entry("passkey", PasskeyCommand::new, true),
          new Entry("diagnose", DiagnoseCommand::new, true),
          new Entry("embed", EmbedCommand::new, true),
          new Entry("evaluate", EvaluateCommand::new, true),
          new Entry("methods", MethodsCommand::new, false),
          new Entry("inspect", InspectCommand::new, false),
          new Entry("plan", PlanCommand::new, false),
          new Entry("pull", PullCommand::new, false),
          new Entry("quantize", QuantizeCommand::new, true),
          new Entry("config", ConfigCommand::new, false),
          new Entry("tokenizer", TokenizerCommand::new, false),
          new Entry("tokenize", TokenizeCommand::new, false),
          new Entry("template", TemplateCommand::new, false),
          new Entry("prepare", PrepareCommand::new, false),
          new Entry("train", TrainCommand::new, false),
          new Entry("experiment", ExperimentCommand::new, true),
          new Entry("bench", BenchCommand::new, true),
          HELP_COMMAND);

  private static final List<String> VERSION = List.of("-V", "--version");
  private static final List<String> HELP = List.of("-h", "--help", "-V", "--version");

  private Commands() {}

  /// One command.
  ///
  /// @param name the word that calls it, as in its annotation
  /// @param maker makes the object that picocli fills
  /// @param usesTorch whether it opens a model, and so needs libtorch soon
  record Entry(String name, Supplier<Object> maker, boolean usesTorch) {}

  /// The command that the arguments begin with.
  static Optional<Entry> called(String... arguments) {
    return ALL.stream()
        .filter(entry -> arguments.length > 0 && entry.name().equals(arguments[0]))
        .findFirst();
  }

  /// The commands that the parser of these arguments must know: the called one, or all where the
  /// answer may list them.
  static List<Entry> needed(String... arguments) {
    return called(arguments).filter(entry -> !entry.equals(HELP_COMMAND)).map(List::of).orElse(ALL);
  }

  /// Whether the arguments ask for the version and nothing else: that is answered without a parser,
  /// whose classes take a fifth of a second to load.
  static boolean areVersion(String... arguments) {
    return arguments.length == 1 && VERSION.contains(arguments[0]);
  }

  /// Whether the arguments run something that needs libtorch, rather than ask for help.
  static boolean needTorch(String... arguments) {
    return called(arguments).filter(Entry::usesTorch).isPresent()
        && Arrays.stream(arguments).noneMatch(HELP::contains);
  }
}
