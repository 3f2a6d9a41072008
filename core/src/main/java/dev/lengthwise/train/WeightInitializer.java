package dev.lengthwise.train;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightSpec;
import dev.lengthwise.parallel.CounterRandom;
import dev.lengthwise.recurrence.Ring;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/// The first values of weights, by what they are for.
///
/// Matrices are as the chosen [Initialisation] says, gains 1 and biases 0. Projections of gated
/// attention units are always those of GAU-α ([Initialisation#GAU_ALPHA]). Recurrences start in the
/// ring of [Ring]; their inputs have the variance of the normed stream.
final class WeightInitializer {

  private final ModelSpec spec;
  private final Initialisation initialisation;
  private float[] logRates = {}; // of the last recurrence: its gains follow from them

  WeightInitializer(ModelSpec spec, Initialisation initialisation) {
    this.spec = spec;
    this.initialisation = initialisation;
  }

  /// The values of a tensor, row-major; tensors are asked for in the order of
  /// [dev.lengthwise.model.WeightList].
  float[] of(WeightSpec tensor, CounterRandom random) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    switch (tensor.role()) {
      case EMBEDDING, MATRIX, VALUE, GATED, ATTENTION_OUTPUT, FEED_FORWARD_OUTPUT -> {
        return matrix(initialisation, tensor, random);
      }
      case GATED_UNIT -> {
        return matrix(Initialisation.GAU_ALPHA, tensor, random);
      }
      case RECURRENT_INPUT -> {
        double deviation = Math.sqrt(0.5 / spec.hiddenSize());
        return Initialisation.NORMAL.values(values.length, deviation, random);
      }
      case GAIN -> Arrays.fill(values, 1);
      case BIAS, LEARNED_POSITION -> {}
      case LOG_RATE -> {
        fill(values, () -> Ring.PUBLISHED.logRate(random.nextDouble()));
        logRates = values;
      }
      case LOG_PHASE -> fill(values, () -> Ring.logPhase(1 - random.nextDouble()));
      case LOG_GAIN -> {
        for (int channel = 0; channel < values.length; channel++) {
          values[channel] = (float) Ring.logGain(logRates[channel]);
        }
      }
    }
    return values;
  }

  private float[] matrix(Initialisation rule, WeightSpec tensor, CounterRandom random) {
    double deviation =
        rule.deviation(
            tensor.role(),
            Math.toIntExact(tensor.shape().getLast()),
            spec.hiddenSize(),
            spec.shape().layers());
    return rule.values(Math.toIntExact(tensor.elements()), deviation, random);
  }

  private static void fill(float[] values, DoubleSupplier next) {
    for (int index = 0; index < values.length; index++) {
      values[index] = (float) next.getAsDouble();
    }
  }
}
