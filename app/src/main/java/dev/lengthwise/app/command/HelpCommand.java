package dev.lengthwise.app.command;

import dev.lengthwise.app.options.Usage;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `help`: what many type before they know `--help`.
@Command(
    name = "help",
    description = "Shows the commands, or the help of one, as --help does.",
    mixinStandardHelpOptions = true)
public final class HelpCommand implements Callable<Integer> {

  @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "The command.")
  private List<String> words = List.of();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    CommandLine shown = spec.parent().commandLine();
    for (String word : words) {
      CommandLine inner = shown.getSubcommands().get(word);
      if (inner == null) {
        throw new ParameterException(shown, Usage.noCommand(shown, word));
      }
      shown = inner;
    }
    shown.usage(spec.commandLine().getOut());
    return 0;
  }
}
