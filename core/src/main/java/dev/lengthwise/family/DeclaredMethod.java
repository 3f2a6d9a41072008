package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.MethodJson;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.PositionMethod;
import java.util.Optional;

/// The method that a checkpoint declares: that of its block `length_extrapolation`, or else its
/// window, over the base method of its header.
final class DeclaredMethod {

  /// The block of a header that names a method of this program, in the JSON of [MethodJson].
  static final String BLOCK = "length_extrapolation";

  private DeclaredMethod() {}

  /// The method of a model.
  ///
  /// @param base the base method, which sets frequencies or bias
  /// @param window an attention window that the architecture has, or empty
  /// @throws LengthwiseException when the block is not written as a method is, or names none
  static PositionMethod of(
      Settings config,
      MethodTerm base,
      Optional<MethodTerm> window,
      ModelShape shape,
      MethodReader reader) {
    MethodValue under = MethodValue.of(base);
    return reader.read(
        config
            .block(BLOCK)
            .map(DeclaredMethod::read)
            .or(() -> window.map(MethodValue::of))
            .map(own -> own.over(under))
            .orElse(under),
        shape);
  }

  private static MethodValue read(Settings block) {
    try {
      return MethodJson.read(block.values());
    } catch (IllegalArgumentException e) {
      throw new LengthwiseException(
          "Block %s is not written as a method is: %s.".formatted(block.where(), e.getMessage()),
          e);
    }
  }
}
