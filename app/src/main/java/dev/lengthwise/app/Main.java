package dev.lengthwise.app;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.EnvironmentDefaults;
import dev.lengthwise.app.options.OptionValues;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.Version;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.torch.Libtorch;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/// `lengthwise`: the command line. Start reading at `CompareCommand`, the main job.
@Command(
    name = "lengthwise",
    description = "Runs, trains and judges language models past the length they were trained at.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class Main {

  /// Status of a run that failed.
  static final int FAILED = 1;

  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\n\t]]");

  private static final String MEMORY =
      "The memory does not suffice; take a smaller model, shorter texts or a smaller --batch-size";

  // How libtorch says that it cannot allocate.
  private static final String NATIVE_MEMORY = "DefaultCPUAllocator";

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show stack traces of failures.")
  private boolean verbose;

  private Main() {}

  /// Runs one command and ends the process with its status.
  public static void main(String[] arguments) {
    if (Commands.areVersion(arguments)) {
      System.out.println(Version.line());
      System.exit(finished(CommandLine.ExitCode.OK, System.out, System.err));
    }
    if (Commands.needTorch(arguments)) {
      Libtorch.loadInBackground();
    }
    int status = commandLine(System.getenv(), arguments).execute(arguments);
    System.exit(finished(status, System.out, System.err));
  }

  /// The status of a run whose results went to `out`: a stream for printing keeps its failures to
  /// itself until it is asked.
  static int finished(int status, PrintStream out, PrintStream error) {
    boolean lost = out.checkError();
    if (!lost || status != CommandLine.ExitCode.OK) { // what failed has said why
      return status;
    }
    error.println(
        "lengthwise: Standard output cannot be written, so results are lost: its disk is full or"
            + " its reader has gone away");
    return FAILED;
  }

  /// The command line of these arguments, with the defaults of an environment and the one switch
  /// from exceptions to exit codes.
  static CommandLine commandLine(Map<String, String> environment, String... arguments) {
    Main main = new Main();
    EnvironmentDefaults defaults = new EnvironmentDefaults(environment);
    CommandLine line = new CommandLine(main);
    Commands.needed(arguments).forEach(entry -> line.addSubcommand(entry.maker().get()));
    return OptionValues.readBy(line)
        .setDefaultValueProvider(defaults)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpAutoWidth(true)
        .setExecutionStrategy(Main::run)
        .setParameterExceptionHandler((exception, _) -> wrongUsage(exception, defaults))
        .setExecutionExceptionHandler(main::failed);
  }

  // An error of the machine, such as too little memory, is no exception to picocli.
  private static int run(ParseResult parsed) {
    try {
      return new CommandLine.RunLast().execute(parsed);
    } catch (OutOfMemoryError | StackOverflowError e) {
      throw failure(parsed, new LengthwiseException(MEMORY, e));
    } catch (LinkageError e) {
      String reason =
          "A library cannot be used: %s; build the project anew, or delete the folder ~/.javacpp/cache"
              .formatted(e);
      throw failure(parsed, new LengthwiseException(reason, e));
    }
  }

  private static CommandLine.ExecutionException failure(ParseResult parsed, Exception cause) {
    return new CommandLine.ExecutionException(
        parsed.commandSpec().commandLine(), String.valueOf(cause.getMessage()), cause);
  }

  private static int wrongUsage(ParameterException exception, EnvironmentDefaults defaults) {
    CommandLine command = exception.getCommandLine();
    PrintWriter error = command.getErr();
    error.println("lengthwise: " + printable(sentence(exception, defaults)));
    if (unknownCommand(exception).isEmpty()) {
      CommandLine.UnmatchedArgumentException.printSuggestions(exception, error);
    }
    return tryHelp(command);
  }

  private static int tryHelp(CommandLine command) {
    command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  private static String sentence(ParameterException exception, EnvironmentDefaults defaults) {
    return unknownCommand(exception)
        .map(word -> Usage.noCommand(exception.getCommandLine(), word))
        .orElseGet(() -> exception.getMessage() + defaults.origin(exception));
  }

  private static Optional<String> unknownCommand(ParameterException exception) {
    return exception instanceof UnmatchedArgumentException unmatched
            && !unmatched.getCommandLine().getSubcommands().isEmpty()
            && !unmatched.isUnknownOption()
        ? unmatched.getUnmatched().stream().findFirst()
        : Optional.empty();
  }

  private int failed(Exception exception, CommandLine command, ParseResult parsed) {
    PrintWriter error = command.getErr();
    error.println("lengthwise: " + printable(sentence(exception)));
    if (verbose) {
      exception.printStackTrace(error);
    }
    return exception instanceof WrongUsageException ? tryHelp(command) : FAILED;
  }

  // Names and values of damaged files may hold characters that a terminal obeys.
  private static String printable(String sentence) {
    return CONTROL
        .matcher(sentence)
        .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
  }

  private static String sentence(Exception exception) {
    return switch (exception) {
      case LengthwiseException known -> String.valueOf(known.getMessage());
      case WrongUsageException wrong -> String.valueOf(wrong.getMessage());
      case RuntimeException e when String.valueOf(e.getMessage()).contains(NATIVE_MEMORY) -> MEMORY;
      default -> "An unexpected failure: " + exception + "; run again with --verbose and report it";
    };
  }
}
