package dev.lengthwise.app.options;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Whole numbers, zero among them, as `--decode-depths 0,4096` gives them.
///
/// @param tokens in the given order
public record Depths(List<Integer> tokens) {

  public Depths {
    tokens = List.copyOf(tokens);
  }

  /// All but zeros.
  public List<Integer> positive() {
    return tokens.stream().filter(count -> count > 0).toList();
  }

  /// Reads the text of an option.
  public static final class Converter implements ITypeConverter<Depths> {

    @Override
    public Depths convert(String text) {
      if (!text.matches("[0-9]{1,9}(,[0-9]{1,9})*")) {
        throw new TypeConversionException(
            "expected whole numbers, for instance 0,4096, found '" + text + "'");
      }
      return new Depths(Arrays.stream(text.split(",")).map(Integer::valueOf).toList());
    }
  }
}
