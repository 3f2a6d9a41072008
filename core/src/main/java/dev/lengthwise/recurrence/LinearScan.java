package dev.lengthwise.recurrence;

import org.jspecify.annotations.Nullable;

/// The linear recurrence `x_t = λ ⊙ x_{t−1} + u_t` over all tokens of a text at once.
///
/// Pass `l` adds what lies `2^l` tokens back, `x_t += λ^(2^l) x_{t−2^l}`: after it `x_t` holds the
/// last `2^(l+1)` inputs, so `⌈log₂ tokens⌉` passes are enough. Only powers of `λ` with a positive
/// exponent are ever made, by squaring; `|λ| < 1`, so nothing overflows, and nothing is divided.
///
/// Source: W. D. Hillis and G. L. Steele 1986, "Data parallel algorithms"; J. Su, kexue.fm 9554.
public final class LinearScan {

  private LinearScan() {}

  /// The states after every token.
  ///
  /// @param inputs `u`, `[batch, tokens, channels]`
  /// @param decay `λ`, `[channels]`
  /// @param before the state before the first token, `[batch, channels]`; `null` for zero
  /// @return `x`, `[batch, tokens, channels]`
  public static ComplexTensor states(
      ComplexTensor inputs, ComplexTensor decay, @Nullable ComplexTensor before) {
    long tokens = inputs.real().size(1);
    ComplexTensor states = before == null ? inputs : started(inputs, decay, before);
    ComplexTensor power = decay;
    for (long back = 1; back < tokens; back *= 2) {
      ComplexTensor reached =
          states
              .narrow(1, back, tokens - back)
              .plus(states.narrow(1, 0, tokens - back).times(power));
      states = states.narrow(1, 0, back).followedBy(reached, 1);
      power = power.times(power);
    }
    return states;
  }

  // What came before is one more part of the first input.
  private static ComplexTensor started(
      ComplexTensor inputs, ComplexTensor decay, ComplexTensor before) {
    long tokens = inputs.real().size(1);
    ComplexTensor carried = before.times(decay);
    ComplexTensor first =
        inputs
            .narrow(1, 0, 1)
            .plus(new ComplexTensor(carried.real().unsqueeze(1), carried.imaginary().unsqueeze(1)));
    return tokens == 1 ? first : first.followedBy(inputs.narrow(1, 1, tokens - 1), 1);
  }
}
