package dev.lengthwise.app.options;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Lengths in tokens, as `--lengths 256,512` gives them.
///
/// @param tokens ascending, none twice
public record Lengths(List<Integer> tokens) {

  public Lengths {
    tokens = List.copyOf(new TreeSet<>(tokens));
  }

  /// Multiples of the length that a model was trained at.
  public static Lengths multiples(long trainedLength, int... factors) {
    List<Integer> tokens = new ArrayList<>();
    for (int factor : factors) {
      Usage.require(
          trainedLength <= Integer.MAX_VALUE / factor,
          "The trained length " + trainedLength + " is too great to multiply; give --lengths");
      tokens.add((int) trainedLength * factor);
    }
    return new Lengths(tokens);
  }

  /// Reads the text of an option.
  public static final class Converter implements ITypeConverter<Lengths> {

    @Override
    public Lengths convert(String text) {
      List<Integer> tokens = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        tokens.add(length(part.strip(), text));
      }
      return new Lengths(tokens);
    }

    private static int length(String part, String text) {
      try {
        int length = Integer.parseInt(part);
        if (length >= 2) {
          return length;
        }
      } catch (NumberFormatException e) {
        // Told below, like a number that is too small.
      }
      throw new TypeConversionException(
          "expected lengths of 2 tokens or more, for instance 256,512, found '" + text + "'");
    }
  }
}
