package dev.lengthwise.train;

import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.WeightTensor;
import dev.lengthwise.recurrence.Ring;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/// The first values of weights, by what they are for.
///
/// Matrices are normal with deviation 0.02, projections back to the residual stream smaller by
/// `√(2 · layers)` (Radford et al. 2019), gains 1 and biases 0.
///
/// Projections of gated attention units are those of GAU-α: normal, cut at two deviations, with the
/// deviation `layers^(−1/3)/√hidden` after the cut: three factors are chained in a unit, so that
/// together they shrink by the number of layers (J. Su, kexue.fm 9052).
///
/// Recurrences start in the ring of [Ring]; their inputs have the variance of the normed stream.
final class FirstWeights {

  private static final double DEVIATION = 0.02;

  /// Deviation of a standard normal number that is cut at −2 and 2; `1/1.13684723`.
  private static final double CUT_DEVIATION = 0.87962566;

  private static final double CUT = 2;

  private final ModelSpec spec;
  private float[] logRates = {}; // of the last recurrence: its gains follow from them

  FirstWeights(ModelSpec spec) {
    this.spec = spec;
  }

  /// The values of a tensor, row-major; tensors are asked for in the order of
  /// [dev.lengthwise.model.DecoderTensors].
  float[] of(WeightTensor tensor, CounterRandom random) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    switch (tensor.role()) {
      case EMBEDDING, MATRIX, VALUE, GATED -> fillNormal(values, DEVIATION, random);
      case ATTENTION_OUTPUT, FEED_FORWARD_OUTPUT ->
          fillNormal(values, DEVIATION / Math.sqrt(2.0 * spec.shape().layers()), random);
      case GATED_UNIT -> fillCut(values, random);
      case RECURRENT_INPUT -> fillNormal(values, Math.sqrt(0.5 / spec.hiddenSize()), random);
      case GAIN -> Arrays.fill(values, 1);
      case BIAS -> {}
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

  private static void fill(float[] values, DoubleSupplier next) {
    for (int index = 0; index < values.length; index++) {
      values[index] = (float) next.getAsDouble();
    }
  }

  private static void fillNormal(float[] values, double deviation, CounterRandom random) {
    fill(values, () -> deviation * normal(random));
  }

  private void fillCut(float[] values, CounterRandom random) {
    double deviation =
        1 / (CUT_DEVIATION * Math.sqrt(spec.hiddenSize()) * Math.cbrt(spec.shape().layers()));
    fill(
        values,
        () -> {
          double value = normal(random);
          while (Math.abs(value) > CUT) {
            value = normal(random);
          }
          return deviation * value;
        });
  }

  // Box and Muller 1958.
  private static double normal(CounterRandom random) {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }
}
