package dev.lengthwise.position;

/// The factor `s(i)` on the scores of the query at index `i`, beside `1/√headSize`.
public sealed interface ScoreScale {

  /// No change.
  ScoreScale ONE = new Constant(1);

  /// `s(i)`.
  double at(long query);

  /// The same factor for every query (for instance the temperature of YaRN).
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
