package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import picocli.CommandLine;

/// Values of options that a command cannot use.
public final class Usage {

  /// The greatest length that any method accepts.
  private static final long LONGEST = 1L << 40;

  private Usage() {}

  /// What `maker` makes; a refused value becomes wrong usage.
  public static <T> T checked(Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw new WrongUsageException("An option has a wrong value: " + e.getMessage());
    }
  }

  /// Complains where `value` is not 1 or more.
  public static void positive(long value, String option) {
    require(value > 0, option + " must be positive, found " + value);
  }

  /// Complains where `value` is no length of a text.
  public static void length(long value, String option) {
    positive(value, option);
    require(value <= LONGEST, option + " must be at most " + LONGEST + ", found " + value);
  }

  /// Complains where the file to write is one that is read.
  ///
  /// @throws LengthwiseException where they cannot be compared
  public static void apart(Path output, List<Path> inputs) {
    for (Path input : inputs) {
      try {
        require(
            !Files.exists(output) || !Files.exists(input) || !Files.isSameFile(input, output),
            "The output " + output + " is the input; name another file");
      } catch (IOException e) {
        throw new LengthwiseException(
            "Cannot compare " + input + " with " + output + ": " + FileReason.of(e), e);
      }
    }
  }

  /// The sentence about a word in the place of a command.
  public static String noCommand(CommandLine line, String word) {
    return line.getSubcommands().isEmpty()
        ? "%s has no commands, found '%s'".formatted(line.getCommandName(), word)
        : "There is no command '%s', only %s".formatted(word, line.getSubcommands().keySet());
  }

  /// Complains unless `condition`.
  public static void require(boolean condition, String message) {
    if (!condition) {
      throw new WrongUsageException(message);
    }
  }
}
