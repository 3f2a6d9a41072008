package dev.lengthwise.app.options;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/// How values of options are read: picocli's own complaints speak of Java's types, and an empty
/// name would be the current folder.
public final class OptionValues {

  private OptionValues() {}

  /// Has a parser and its commands read numbers and names of files so.
  public static CommandLine readBy(CommandLine line) {
    line.registerConverter(int.class, OptionValues::integer);
    line.registerConverter(Integer.class, OptionValues::integer);
    line.registerConverter(long.class, OptionValues::longNumber);
    line.registerConverter(Long.class, OptionValues::longNumber);
    line.registerConverter(double.class, OptionValues::decimal);
    line.registerConverter(Double.class, OptionValues::decimal);
    return line.registerConverter(Path.class, OptionValues::path);
  }

  private static int integer(String text) {
    String expected = "a whole number of at most " + Integer.MAX_VALUE;
    return read(text, expected, Integer::valueOf);
  }

  private static long longNumber(String text) {
    return read(text, "a whole number of at most " + Long.MAX_VALUE, Long::valueOf);
  }

  private static double decimal(String text) {
    return read(text, "a decimal number such as 0.5", Double::valueOf);
  }

  private static Path path(String text) {
    if (text.isEmpty()) {
      throw new TypeConversionException("expected the name of a file or folder, found ''");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(
          "'%s' cannot be the name of a file: %s".formatted(text, e.getReason()));
    }
  }

  private static <T> T read(String text, String expected, Function<String, T> reader) {
    try {
      return reader.apply(text);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("expected " + expected + ", found '" + text + "'");
    }
  }
}
