package dev.lengthwise.position;

import java.util.Arrays;

/// The rotary frequencies `θ`: pair `m` of a head turns by `position · θ_m` radians.
///
/// Channels `m` and `m + pairs` form pair `m` (half-split layout); channels from `2 · pairs` on do
/// not turn. Checkpoints with interleaved pairs are brought to this layout when they are loaded.
///
/// What turns is also multiplied by the amplitude, in queries and in keys: cosines and sines are
/// `amplitude · cos` and `amplitude · sin`. Channels that do not turn keep their size, so on a
/// partially rotated head this is no factor on scores. The sharpness is one: it multiplies whole
/// scores. Both were tuned for these frequencies, and go with them.
///
/// Sources: Su et al. 2021, "RoFormer"; the amplitude is `attention_factor` of Hugging Face and
/// `mscale` of ggml's rotation; the sharpness is that of DeepSeek-V2 (arXiv 2405.04434), which
/// follows from `mscale_all_dim`.
public final class RotaryTable {

  /// The table of a model without rotary positions.
  public static final RotaryTable NONE = new RotaryTable(new double[0]);

  private final double[] frequencies;
  private final double amplitude;
  private final double sharpness;
  private final int hash; // engines look tables up by value, in every tile

  /// A table with these frequencies, in radians per position, one for each pair.
  public RotaryTable(double[] frequencies) {
    for (double frequency : frequencies) {
      if (!Double.isFinite(frequency) || frequency < 0) {
        throw new IllegalArgumentException(
            "a rotary frequency must be finite and >= 0: " + frequency);
      }
    }
    this(frequencies.clone(), 1, 1);
  }

  private RotaryTable(double[] frequencies, double amplitude, double sharpness) {
    this.frequencies = frequencies;
    this.amplitude = amplitude;
    this.sharpness = sharpness;
    this.hash =
        31 * (31 * Arrays.hashCode(frequencies) + Double.hashCode(amplitude))
            + Double.hashCode(sharpness);
  }

  /// The plain table `θ_m = base^(−2m / rotarySize)`.
  ///
  /// @param rotarySize number of channels that turn: even; 0 gives [#NONE]
  public static RotaryTable geometric(double base, int rotarySize) {
    double[] frequencies = new double[rotarySize / 2];
    for (int pair = 0; pair < frequencies.length; pair++) {
      frequencies[pair] = Math.pow(base, -2.0 * pair / rotarySize);
    }
    return new RotaryTable(frequencies);
  }

  /// The table whose pair `m` turns `divisors[m]` times slower.
  public RotaryTable dividedBy(double[] divisors) {
    if (divisors.length != frequencies.length) {
      throw new IllegalArgumentException(
          divisors.length + " divisors for " + frequencies.length + " rotary pairs");
    }
    double[] slower = new double[frequencies.length];
    for (int pair = 0; pair < slower.length; pair++) {
      slower[pair] = frequencies[pair] / divisors[pair];
    }
    return new RotaryTable(slower, amplitude, sharpness);
  }

  /// The table of the same frequencies that multiplies what it turns by another amplitude.
  public RotaryTable withAmplitude(double other) {
    if (!(other > 0) || !Double.isFinite(other)) {
      throw new IllegalArgumentException("an amplitude must be positive and finite: " + other);
    }
    return other == amplitude ? this : new RotaryTable(frequencies, other, sharpness);
  }

  /// The table of the same frequencies that multiplies whole scores by another sharpness.
  public RotaryTable withSharpness(double other) {
    if (!(other > 0) || !Double.isFinite(other)) {
      throw new IllegalArgumentException("a sharpness must be positive and finite: " + other);
    }
    return other == sharpness ? this : new RotaryTable(frequencies, amplitude, other);
  }

  /// Number of pairs that turn.
  public int pairs() {
    return frequencies.length;
  }

  /// `θ_pair` in radians per position.
  public double frequency(int pair) {
    return frequencies[pair];
  }

  /// What turned channels of queries and keys are multiplied by.
  public double amplitude() {
    return amplitude;
  }

  /// What whole scores are multiplied by, those of channels that do not turn among them.
  public double sharpness() {
    return sharpness;
  }

  /// A copy of all frequencies.
  public double[] frequencies() {
    return frequencies.clone();
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof RotaryTable table
            && amplitude == table.amplitude
            && sharpness == table.sharpness
            && Arrays.equals(frequencies, table.frequencies));
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return "RotaryTable"
        + Arrays.toString(frequencies)
        + (amplitude == 1 ? "" : " × " + amplitude)
        + (sharpness == 1 ? "" : ", scores × " + sharpness);
  }
}
