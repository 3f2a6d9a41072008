package dev.lengthwise.recurrence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearScanTest {

  private static final int CHANNELS = 6;

  private final PointerScope scope = new PointerScope();

  @BeforeEach
  void seed() {
    torch.manual_seed(4);
  }

  @AfterEach
  void end() {
    scope.close();
  }

  private static Tensor random(long... shape) {
    return torch.randn(shape);
  }

  private static ComplexTensor numbers(long... shape) {
    return new ComplexTensor(random(shape), random(shape));
  }

  private static ComplexTensor decay(int channels, SplittableRandom random) {
    float[] modulus = new float[channels];
    float[] phase = new float[channels];
    for (int channel = 0; channel < channels; channel++) {
      modulus[channel] = (float) Ring.modulus(Ring.PUBLISHED.logRate(random.nextDouble()));
      phase[channel] = (float) Math.exp(Ring.logPhase(1 - random.nextDouble()));
    }
    return ComplexTensor.polar(Tensor.create(modulus), Tensor.create(phase));
  }

  private static double difference(ComplexTensor found, ComplexTensor expected) {
    return Math.max(
        found.real().sub(expected.real()).abs().max().item_double(),
        found.imaginary().sub(expected.imaginary()).abs().max().item_double());
  }

  // One token after the other, in double.
  private static ComplexTensor sequential(
      ComplexTensor inputs, ComplexTensor decay, ComplexTensor before) {
    ComplexTensor state = wide(before);
    ComplexTensor all = null;
    for (long token = 0; token < inputs.real().size(1); token++) {
      ComplexTensor input = wide(inputs).narrow(1, token, 1);
      state =
          state
              .times(wide(decay))
              .plus(new ComplexTensor(input.real().squeeze(1), input.imaginary().squeeze(1)));
      ComplexTensor row =
          new ComplexTensor(state.real().unsqueeze(1), state.imaginary().unsqueeze(1));
      all = all == null ? row : all.followedBy(row, 1);
    }
    return Objects.requireNonNull(all);
  }

  private static ComplexTensor wide(ComplexTensor numbers) {
    return new ComplexTensor(
        numbers.real().to(ScalarType.Double), numbers.imaginary().to(ScalarType.Double));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 63, 64, 65, 300})
  void scanIsTheSequence(int tokens) {
    ComplexTensor inputs = numbers(2, tokens, CHANNELS);
    ComplexTensor decay = decay(CHANNELS, new SplittableRandom(1));
    ComplexTensor before = numbers(2, CHANNELS);

    ComplexTensor expected = sequential(inputs, decay, before);
    ComplexTensor found = LinearScan.states(inputs, decay, before);

    double greatest = expected.real().abs().max().item_double();
    assertThat(difference(wide(found), expected)).isLessThan(1e-5 * greatest);
  }

  /// Eight parts of a sum of 8192 inputs with decays up to 0.999: no power of the decay overflows.
  @Test
  void longTextsStayFinite() {
    ComplexTensor inputs = numbers(1, 8192, CHANNELS);
    ComplexTensor states =
        LinearScan.states(inputs, decay(CHANNELS, new SplittableRandom(2)), null);
    assertThat(Double.isFinite(states.real().abs().max().item_double())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 32})
  void statesAreHandedFromChunkToChunk(int chunk) {
    int tokens = 67;
    ComplexTensor inputs = wide(numbers(1, tokens, CHANNELS));
    ComplexTensor decay = wide(decay(CHANNELS, new SplittableRandom(3)));
    ComplexTensor expected = LinearScan.states(inputs, decay, null);

    ComplexTensor before = null;
    for (int from = 0; from < tokens; from += chunk) {
      int count = Math.min(chunk, tokens - from);
      ComplexTensor found = LinearScan.states(inputs.narrow(1, from, count), decay, before);
      assertThat(difference(found, expected.narrow(1, from, count))).isLessThan(1e-12);
      ComplexTensor last = found.narrow(1, count - 1, 1);
      before = new ComplexTensor(last.real().squeeze(1), last.imaginary().squeeze(1));
    }
  }

  /// Steps `x → a x + b` join as `(a, b) ∘ (c, d) = (a c, c b + d)`, in any grouping: what a
  /// parallel scan rests on.
  @Test
  void stepsJoinInAnyGrouping() {
    record Step(ComplexTensor factor, ComplexTensor added) {
      Step then(Step next) {
        return new Step(factor.times(next.factor), next.factor.times(added).plus(next.added));
      }
    }
    Step first = new Step(wide(numbers(CHANNELS)), wide(numbers(CHANNELS)));
    Step second = new Step(wide(numbers(CHANNELS)), wide(numbers(CHANNELS)));
    Step third = new Step(wide(numbers(CHANNELS)), wide(numbers(CHANNELS)));

    Step left = first.then(second).then(third);
    Step right = first.then(second.then(third));

    assertThat(difference(left.factor(), right.factor())).isLessThan(1e-12);
    assertThat(difference(left.added(), right.added())).isLessThan(1e-12);
    // And three joined steps are three tokens of the scan, with one decay.
    ComplexTensor inputs = wide(numbers(1, 3, CHANNELS));
    Step joined = null;
    for (int token = 0; token < 3; token++) {
      ComplexTensor input = inputs.narrow(1, token, 1);
      Step step =
          new Step(
              first.factor(),
              new ComplexTensor(input.real().view(CHANNELS), input.imaginary().view(CHANNELS)));
      joined = joined == null ? step : joined.then(step);
    }
    ComplexTensor last = LinearScan.states(inputs, first.factor(), null).narrow(1, 2, 1);
    assertThat(difference(last, Objects.requireNonNull(joined).added())).isLessThan(1e-12);
  }

  /// kexue.fm 9554: inputs of variance 1 give states of variance 1 with `γ = √(1 − |λ|²)`, and of
  /// `1/(1 − |λ|²)` without.
  @Test
  void gainKeepsTheVarianceOfTheInputs() {
    int channels = 2000;
    int tokens = 4096;
    double r = 0.99;
    ComplexTensor decay =
        ComplexTensor.polar(
            torch.full(new long[] {channels}, new Scalar(r)),
            torch.rand(channels).mul(new Scalar(2 * Math.PI)));
    Tensor half = Tensor.create(new float[] {(float) Math.sqrt(0.5)});
    ComplexTensor inputs = numbers(1, tokens, channels).times(half);
    ComplexTensor last = LinearScan.states(inputs, decay, null).narrow(1, tokens - 1, 1);
    double variance = last.real().square().add(last.imaginary().square()).mean().item_double();
    assertThat(variance * (1 - r * r)).isCloseTo(1, Offset.offset(0.1));
  }
}
