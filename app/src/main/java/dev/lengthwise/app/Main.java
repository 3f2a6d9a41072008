package dev.lengthwise.app;

import dev.lengthwise.LengthwiseException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/// `lengthwise`: the command line. Start reading at [CompareCommand], the main job.
@Command(
    name = "lengthwise",
    description = "Runs, trains and judges language models past the length they were trained at.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {
      CompareCommand.class,
      GenerateCommand.class,
      PerplexityCommand.class,
      PasskeyCommand.class,
      MethodsCommand.class,
      InspectCommand.class,
      ConfigCommand.class,
      TokenizerCommand.class,
      PrepareCommand.class,
      TrainCommand.class
    })
public final class Main {

  /// Status of a run that failed.
  static final int FAILED = 1;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of failures.")
  private boolean verbose;

  private Main() {}

  /// Runs one command and ends the process with its status.
  public static void main(String[] arguments) {
    int status = commandLine().execute(arguments);
    System.out.flush();
    System.exit(status);
  }

  /// The command line, with the one switch from exceptions to exit codes.
  static CommandLine commandLine() {
    Main main = new Main();
    return new CommandLine(main)
        .setDefaultValueProvider(new EnvironmentDefaults(System.getenv()))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setParameterExceptionHandler(Main::wrongUsage)
        .setExecutionExceptionHandler(main::failed);
  }

  private static int wrongUsage(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    PrintWriter error = command.getErr();
    error.println("lengthwise: " + exception.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(exception, error);
    error.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  private int failed(Exception exception, CommandLine command, ParseResult parsed) {
    PrintWriter error = command.getErr();
    error.println("lengthwise: " + sentence(exception));
    if (verbose) {
      exception.printStackTrace(error);
    }
    return FAILED;
  }

  private static String sentence(Exception exception) {
    return switch (exception) {
      case LengthwiseException known -> String.valueOf(known.getMessage());
      default -> "An unexpected failure: " + exception + "; run again with --verbose and report it";
    };
  }
}
