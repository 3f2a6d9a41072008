package dev.lengthwise.model;

import dev.lengthwise.recurrence.ComplexTensor;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// The linear recurrent unit, with as many complex channels as the stream has real ones:
///
///     s_t = λ s_{t−1} + γ (x_t W),   y_t = [Re s_t, Im s_t] W_o
///
/// `λ` and `γ` are trained as [dev.lengthwise.recurrence.Ring] says. The complex projection `W` is
/// one real matrix of twice the width: real parts first. States are in the type of the stream.
///
/// Sources: A. Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences";
/// J. Su, kexue.fm 9554.
final class LinearRecurrentUnit implements TokenMixer {

  private final int layer;
  private final Projection input;
  private final Projection output;
  private final Tensor logRate;
  private final Tensor logPhase;
  private final Tensor logGain;

  LinearRecurrentUnit(int layer, Weights weights) {
    this.layer = layer;
    this.input = weights.projection(layer, Slot.RECURRENT_INPUT);
    this.output = weights.projection(layer, Slot.RECURRENT_OUTPUT);
    this.logRate = weights.vector(WeightId.of(layer, Slot.LOG_RATE));
    this.logPhase = weights.vector(WeightId.of(layer, Slot.LOG_PHASE));
    this.logGain = weights.vector(WeightId.of(layer, Slot.LOG_GAIN));
  }

  @Override
  public Block.Branch mix(
      Operations.Pass pass, Rows rows, BoundNorm norm, LayerAttention attention) {
    Rows projected =
        pass.project(rows, norm, List.of(Slot.RECURRENT_INPUT), List.of(input)).getFirst();
    Tensor wide = projected.tensor().to(rows.tensor().scalar_type());
    ComplexTensor inputs = ComplexTensor.halves(wide).times(logGain.exp());
    ComplexTensor decay = ComplexTensor.polar(logRate.exp().neg().exp(), logPhase.exp());
    Tensor states = attention.recur(layer, inputs, decay).joined();
    return new Block.Branch(Rows.of(states), output);
  }
}
