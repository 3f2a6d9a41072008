package dev.lengthwise.position;

/// The factor `s(i)` on the scores of the query at index `i`, beside `1/√headSize`.
public sealed interface ScoreScale {

  /// No change.
  ScoreScale ONE = new Constant(1);

  /// `s(i)`.
  double at(long query);

  /// The same factor for every query. The temperature of YaRN is none, but an amplitude of
  /// [RotaryTable]: channels that do not turn are without it.
  record Constant(double value) implements ScoreScale {

    /// Checks the value.
    public Constant {
      if (!(value > 0) || !Double.isFinite(value)) {
        throw new IllegalArgumentException("a score scale must be positive and finite: " + value);
      }
    }

    @Override
    public double at(long query) {
      return value;
    }
  }

  /// `factor · (1 + slope · ln(1 + ⌊(i + offset) / every⌋))`: attention sharpens step by step
  /// beyond the length that a model was first trained at.
  ///
  /// Sources: Llama 4 (slope 0.1, offset 1, every 8192 tokens, in layers without rotation);
  /// Ministral 3 (offset 0, every trained length).
  ///
  /// @param factor what scores are multiplied by before the first step
  /// @param slope growth with the logarithm of the step
  /// @param offset added to the index of the query
  /// @param every tokens of a step
  record LengthSteps(double factor, double slope, long offset, long every) implements ScoreScale {

    /// Checks the numbers.
    public LengthSteps {
      if (!(factor > 0) || !Double.isFinite(factor)) {
        throw new IllegalArgumentException(
            "the factor of a score scale must be positive and finite: " + factor);
      }
      if (!(slope >= 0) || !Double.isFinite(slope)) {
        throw new IllegalArgumentException(
            "the slope of a score scale must be finite and not negative: " + slope);
      }
      if (offset < 0 || every <= 0) {
        throw new IllegalArgumentException(
            "steps of a score scale need an offset >= 0 and a length > 0, found %d and %d"
                .formatted(offset, every));
      }
    }

    @Override
    public double at(long query) {
      double step = Math.floorDiv(query + offset, every);
      return factor * (1 + slope * Math.log1p(step));
    }
  }

  /// `max(minimum, ln(i + 1) / ln(base))`: the entropy of attention stays the same as the text
  /// grows.
  ///
  /// Source: J. Su, "Entropy invariance of attention" (kexue.fm 8823). `minimum = 1` is the variant
  /// for models that were trained without it; `minimum = 0` the one that is trained in.
  record LogLength(double base, double minimum) implements ScoreScale {

    /// Checks the base.
    public LogLength {
      if (!(base > 1)) {
        throw new IllegalArgumentException("the base of a log-n scale must be above 1: " + base);
      }
    }

    @Override
    public double at(long query) {
      return Math.max(minimum, Math.log(query + 1.0) / Math.log(base));
    }
  }
}
