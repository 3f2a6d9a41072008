package dev.lengthwise.model;

import dev.lengthwise.recurrence.ComplexTensor;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// The linear recurrent unit, with as many complex channels as the stream has real ones:
///
///     s_t = λ s_{t−1} + γ (x_t W),   y_t = [Re s_t, Im s_t] W_o
///
/// `λ` and `γ` are trained as [dev.lengthwise.recurrence.Ring] says. The complex projection `W` is
/// one real matrix of twice the width: real parts first.
///
/// Sources: A. Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences";
/// J. Su, kexue.fm 9554.
final class LinearRecurrentUnit {

  private static final String INPUT = "lru.input_proj";
  private static final String OUTPUT = "lru.output_proj";
  private static final String LOG_RATE = "lru.log_rate";
  private static final String LOG_PHASE = "lru.log_phase";
  private static final String LOG_GAIN = "lru.log_gain";

  private LinearRecurrentUnit() {}

  static List<WeightTensor> tensors(ModelSpec spec) {
    long hidden = spec.hiddenSize();
    return List.of(
        WeightTensor.of(INPUT + ".weight", WeightRole.RECURRENT_INPUT, 2 * hidden, hidden),
        WeightTensor.of(LOG_RATE, WeightRole.LOG_RATE, hidden),
        WeightTensor.of(LOG_PHASE, WeightRole.LOG_PHASE, hidden),
        WeightTensor.of(LOG_GAIN, WeightRole.LOG_GAIN, hidden),
        WeightTensor.of(OUTPUT + ".weight", WeightRole.ATTENTION_OUTPUT, hidden, 2 * hidden));
  }

  static TokenMixing start(NamedWeights.Part weights, Tensor input) {
    ComplexTensor inputs =
        ComplexTensor.halves(weights.projection(INPUT).apply(input))
            .times(weights.tensor(LOG_GAIN).exp());
    ComplexTensor decay =
        ComplexTensor.polar(
            weights.tensor(LOG_RATE).exp().neg().exp(), weights.tensor(LOG_PHASE).exp());
    return new TokenMixing(
        new DecoderOperations.Recurrence(inputs, decay), weights.projection(OUTPUT)::apply);
  }
}
