package dev.lengthwise.position;

import java.util.SplittableRandom;

/// One group of numbers of a plan that a model learns in training, such as the slopes of KERPLE.
///
/// Plan weights are few and each has a meaning of its own (a slope, an exponent, an entry of a
/// table): weight decay does not pull them towards 0.
///
/// @param name its name within the method, such as `r1`
/// @param rows rows, 1 for a vector
/// @param columns columns, the last dimension
/// @param start rule of the values before training
/// @param range values that it may take: training projects onto them before every forward pass
public record LearnedParameter(String name, int rows, int columns, Start start, Range range) {

  private static final String PREFIX = "length_extrapolation.";

  /// The seed of methods that run without training.
  public static final long UNTRAINED = 0;

  /// Checks the sizes.
  public LearnedParameter {
    if (name.isBlank() || rows < 1 || columns < 1) {
      throw new IllegalArgumentException("a plan weight needs a name and at least one number");
    }
  }

  /// A vector of `size` numbers.
  public static LearnedParameter vector(String name, int size, Start start, Range range) {
    return new LearnedParameter(name, 1, size, start, range);
  }

  /// A matrix that may take any values.
  public static LearnedParameter matrix(String name, int rows, int columns, Start start) {
    return new LearnedParameter(name, rows, columns, start, Range.ANY);
  }

  /// The values that a weight may take.
  ///
  /// @param least smallest value
  /// @param most greatest value
  public record Range(double least, double most) {

    /// Every number.
    public static final Range ANY = new Range(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

    /// Checks the order.
    public Range {
      if (!(least <= most)) {
        throw new IllegalArgumentException("no value lies between " + least + " and " + most);
      }
    }

    /// The nearest allowed value.
    public double nearest(double value) {
      return Math.clamp(value, least, most);
    }
  }

  /// A named rule of first values.
  public sealed interface Start {

    /// The next value.
    double next(SplittableRandom random);

    /// Evenly distributed in `[low, high)`.
    record Uniform(double low, double high) implements Start {

      @Override
      public double next(SplittableRandom random) {
        return low + (high - low) * random.nextDouble();
      }
    }

    /// Normal with mean 0.
    record Normal(double deviation) implements Start {

      // Box and Muller 1958: the same numbers on every Java.
      @Override
      public double next(SplittableRandom random) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
        return deviation * radius * Math.cos(2 * Math.PI * random.nextDouble());
      }
    }

    /// Always the same.
    record Constant(double value) implements Start {

      @Override
      public double next(SplittableRandom random) {
        return value;
      }
    }
  }

  /// The name of its tensor in a checkpoint.
  public String tensorName() {
    return PREFIX + name;
  }

  /// The shape of its tensor: a vector has one dimension.
  public long[] shape() {
    return rows == 1 ? new long[] {columns} : new long[] {rows, columns};
  }

  /// Number of values.
  public int size() {
    return Math.multiplyExact(rows, columns);
  }

  /// The values before training, row by row: the same for the same seed.
  public double[] initial(long seed) {
    SplittableRandom random = new SplittableRandom(seed * 31 + name.hashCode());
    double[] values = new double[size()];
    for (int index = 0; index < values.length; index++) {
      values[index] = range.nearest(start.next(random));
    }
    return values;
  }
}
