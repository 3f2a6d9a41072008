package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.PositionMethod;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The numbers that a method has learned; before training none, and each weight has the values it
/// starts with.
///
/// @param values numbers by the name of their weight
public record LearnedWeights(Map<String, List<Double>> values) {

  /// Nothing learned yet.
  public static final LearnedWeights NONE = new LearnedWeights(Map.of());

  /// Copies the map.
  public LearnedWeights {
    values = Map.copyOf(values);
  }

  /// Numbers by the name of their weight.
  static LearnedWeights of(Map<String, double[]> arrays) {
    Map<String, List<Double>> values = new TreeMap<>();
    arrays.forEach((name, array) -> values.put(name, Arrays.stream(array).boxed().toList()));
    return new LearnedWeights(values);
  }

  /// The values of `weight`.
  ///
  /// @throws LengthwiseException when what was learned is of another size
  List<Double> of(LearnedParameter weight) {
    List<Double> learned = values.get(weight.name());
    if (learned == null) {
      return Arrays.stream(weight.initial(LearnedParameter.UNTRAINED)).boxed().toList();
    }
    if (learned.size() != weight.size()) {
      throw new LengthwiseException(
          "the method has learned %d numbers %s, and this model needs %d; run it on the model that it was trained with"
              .formatted(learned.size(), weight.name(), weight.size()));
    }
    return learned;
  }

  /// The methods that a checkpoint's own method is made of, where the same method named on the
  /// command line finds what it has learned.
  static Stream<PositionMethod> partsOf(PositionMethod declared) {
    return switch (declared) {
      case CombinedMethod combined -> combined.methods().stream().flatMap(LearnedWeights::partsOf);
      case StackedMethod(PositionMethod over, PositionMethod under) ->
          Stream.of(over, under).flatMap(LearnedWeights::partsOf);
      default -> Stream.of(declared);
    };
  }
}
