package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.Compatibility;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.ParameterValue;
import dev.lengthwise.position.PositionMethod;
import java.util.OptionalDouble;

/// The position method that a model is trained further with, in the place of its own: the model
/// declares it from then on.
///
/// What the chosen method does not set stays as the model had it. In a model whose layers differ,
/// it takes the place of their base method: every layer that turns as that says turns anew, and
/// local layers keep what they see.
///
/// @param method what the trained model declares
public record MethodOfTraining(PositionMethod method) {

  /// The method that `text` names, for a model that declares `declared`.
  ///
  /// @throws LengthwiseException where it is none, or makes no sense on the model
  public static MethodOfTraining of(ModelShape shape, PositionMethod declared, String text) {
    PositionMethod base = declared instanceof OwnLayers own ? own.base() : declared;
    PositionMethod chosen = new MethodParser(shape, base).parse(text);
    if (chosen.value().terms().stream().anyMatch(term -> term.has(OnAllLayers.KEY))) {
      throw new LengthwiseException(
          "The key layers of a method is for running a model; training changes every layer that"
              + " turns as its base method says, so leave it out.");
    }
    PositionMethod merged = StackedMethod.of(shape, chosen, base);
    PositionMethod all =
        declared instanceof OwnLayers own ? new OwnLayers(merged, own.layers()) : merged;
    Compatibility.refusalOfTraining(shape, declared, chosen)
        .ifPresent(
            reason -> {
              throw new LengthwiseException(reason);
            });
    return new MethodOfTraining(all);
  }

  /// The text that names the method, with every effective parameter.
  public String text() {
    return method.value().text();
  }

  /// Tokens of a window where nobody says: the trained length, times the factor by which the method
  /// stretches it.
  public long windowLength(ModelShape shape) {
    double factor = first(method.value(), "factor").orElse(1);
    return Math.round(factor * shape.trainedLength());
  }

  /// The trained length after a training on windows of `window` tokens. A method that names the
  /// length that its frequencies were trained for (`original`) keeps that as trained length, as
  /// files of Hugging Face's library have it.
  public long trainedLength(ModelShape shape, long window) {
    OptionalDouble original = first(method.value(), "original");
    return original.isPresent()
        ? Math.round(original.getAsDouble())
        : Math.max(window, shape.trainedLength());
  }

  private static OptionalDouble first(MethodValue value, String key) {
    for (MethodTerm term : value.terms()) {
      if (term.parameters().get(key) instanceof ParameterValue.Decimal(double number)) {
        return OptionalDouble.of(number);
      }
    }
    return value.under().isPresent() ? first(value.under().get(), key) : OptionalDouble.empty();
  }
}
