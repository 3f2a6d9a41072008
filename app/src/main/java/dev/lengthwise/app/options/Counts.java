package dev.lengthwise.app.options;

import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Numbers of tokens or of texts, zero among them, as `--decode-depths 0,4096` and `--texts 1,8`
/// give them.
///
/// @param numbers in the given order
public record Counts(List<Integer> numbers) {

  public Counts {
    numbers = List.copyOf(numbers);
  }

  /// All but zeros.
  public List<Integer> positive() {
    return numbers.stream().filter(number -> number > 0).toList();
  }

  /// Reads the text of an option.
  public static final class Converter implements ITypeConverter<Counts> {

    @Override
    public Counts convert(String text) {
      if (!text.matches("[0-9]{1,9}(,[0-9]{1,9})*")) {
        throw new TypeConversionException(
            "expected whole numbers below a billion, for instance 1,1024, found '" + text + "'");
      }
      return new Counts(Arrays.stream(text.split(",")).map(Integer::valueOf).toList());
    }
  }
}
