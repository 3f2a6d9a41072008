package dev.lengthwise.model;

/// How the two branches of a layer, token mixer `A` and feed-forward block `F`, stand to the
/// residual stream `x`.
///
/// @param order which branch reads what
/// @param mixer norm of `A`: of what it reads, or of the sum ([Order#AFTER_SUM])
/// @param feedForward likewise of `F`
/// @param mixerOutput norm of what `A` adds
/// @param feedForwardOutput norm of what `F` adds
/// @param scale factor on what both add
public record Residual(
    Order order,
    Norm mixer,
    Norm feedForward,
    Norm mixerOutput,
    Norm feedForwardOutput,
    double scale) {

  /// Which branch reads what.
  public enum Order {
    /// `x += A(norm(x))`, then `x += F(norm(x))`.
    SEQUENTIAL,
    /// `x += A(norm₁(x)) + F(norm₂(x))`, as in GPT-NeoX.
    PARALLEL,
    /// `n = norm(x)`, `x += A(n) + F(n)`, as in GPT-J.
    PARALLEL_SHARED,
    /// `n = norm(x)`, `x = n + A(n)`, then the same with `F`: a switch of BLOOM.
    FROM_NORMED,
    /// `x = norm(x + A(x))`, then `x = norm(x + F(x))`: the first transformer.
    AFTER_SUM;

    /// Whether both branches read the stream before the layer.
    public boolean isParallel() {
      return this == PARALLEL || this == PARALLEL_SHARED;
    }
  }

  /// Checks the parts.
  public Residual {
    if (!(scale > 0) || !Double.isFinite(scale)) {
      throw new IllegalArgumentException("a residual branch needs a positive scale: " + scale);
    }
    if (order == Order.PARALLEL_SHARED && feedForward.exists()) {
      throw new IllegalArgumentException("branches that share a norm have no second one");
    }
  }

  /// Norms before the branches, one after the other.
  public static Residual before(Norm norm) {
    return new Residual(Order.SEQUENTIAL, norm, norm, Norm.NONE, Norm.NONE, 1);
  }

  /// Norms after the branches only, as in OLMo 2.
  public static Residual afterBranches(Norm norm) {
    return new Residual(Order.SEQUENTIAL, Norm.NONE, Norm.NONE, norm, norm, 1);
  }

  /// Norms before and after the branches, as in Gemma 2.
  public static Residual around(Norm norm) {
    return new Residual(Order.SEQUENTIAL, norm, norm, norm, norm, 1);
  }

  /// Both branches side by side, each behind its norm.
  public static Residual parallel(Norm norm) {
    return new Residual(Order.PARALLEL, norm, norm, Norm.NONE, Norm.NONE, 1);
  }

  /// Both branches side by side, behind one norm.
  public static Residual parallelShared(Norm norm) {
    return new Residual(Order.PARALLEL_SHARED, norm, Norm.NONE, Norm.NONE, Norm.NONE, 1);
  }

  /// Norms before the branches, one after the other, which the stream goes through as well.
  public static Residual fromNormed(Norm norm) {
    return new Residual(Order.FROM_NORMED, norm, norm, Norm.NONE, Norm.NONE, 1);
  }

  /// Norms of the sums.
  public static Residual afterSum(Norm norm) {
    return new Residual(Order.AFTER_SUM, norm, norm, Norm.NONE, Norm.NONE, 1);
  }

  /// The same with a factor on what branches add.
  public Residual scaled(double factor) {
    return new Residual(order, mixer, feedForward, mixerOutput, feedForwardOutput, factor);
  }
}
