package dev.lengthwise.position;

/// What is done to queries and keys beside rotation. `d` is the head size and `ψ`, `φ` are the
/// positions that a branch gives.
///
/// Every map keeps the score a product of one vector of the query and one of the key, so that any
/// engine runs it with the memory of plain attention. The factor `1/√d` of [AttentionPlan] is
/// always there: maps whose source has none bring a factor `√d` of their own.
public sealed interface QueryKeyMap {

  /// Nothing.
  QueryKeyMap IDENTITY = new Normalize(false, false);

  /// Shortest length that a vector is divided by.
  double MINIMUM_LENGTH = 1e-12;

  /// Division by the root mean square of the head's vector: `x̂ = √d · x/‖x‖`.
  ///
  /// With keys divided, the score `q·k̂/√d` is `q·k/‖k‖`, the published one without `1/√d`.
  /// Rotation changes no length: dividing before or after it is the same.
  ///
  /// Source: J. Su, "Key normalisation" (kexue.fm 9859).
  ///
  /// @param queries whether queries are divided
  /// @param keys whether keys are divided
  record Normalize(boolean queries, boolean keys) implements QueryKeyMap {}

  /// The score `λ(i) · cos(q, k)`: `q̂ = λ(i) · q/‖q‖`, `k̂ = √d · k/‖k‖`.
  ///
  /// `λ` belongs to the trained weights and not to the frequencies, so it is no [ScoreScale] of the
  /// plan: new frequencies leave it alone.
  ///
  /// Source: J. Su, kexue.fm 9859.
  ///
  /// @param lambda `λ`, a function of the query's index
  record Cosine(ScoreScale lambda) implements QueryKeyMap {}

  /// Collinear constrained attention (CoCA): each pair of a key is a non-negative multiple of the
  /// same pair of the query, `k = q ∘ T`, so that the angle between them is 0 before rotation.
  ///
  /// The key projection gives `T`: `t_j = max(0, (k_j + k_{j+d/2})/2)` for both channels of pair
  /// `j`. Every pair must turn.
  ///
  /// The strict form is purely relative: `Σ_j t_j ρ_j² cos((φ − ψ)θ_j)` with `ρ_j² = q_j² +
  /// q_{j+d/2}²`, a rotary product of `(ρ², 0)` and `(t, 0)`. The slack form, which the released
  /// code computes, is `(q ∘ R^φ q)·(R^ψ (t, t))`: it depends on `φ` and `ψ` each.
  ///
  /// Source: Zhu et al. 2024, "CoCA", arXiv 2309.08646, equations 4–13 and 17.
  ///
  /// @param slack which form
  record Collinear(boolean slack) implements QueryKeyMap {}

  /// xPos: pair `m` of a score decays as `ζ_m^((φ − ψ)/scale)`, `ζ_m = (2m/r + γ)/(1 + γ)`, where
  /// `r` is the number of channels that turn.
  ///
  /// Engines must not compute `ζ^φ` and `ζ^−ψ` apart: the latter leaves single precision at 36,000
  /// tokens. They count positions from a place near both.
  ///
  /// Source: Sun et al. 2022, "A Length-Extrapolatable Transformer", arXiv 2212.10554.
  ///
  /// @param gamma `γ`: the greater, the slower the decay
  /// @param scale positions over which the fastest pair decays by `ζ_0`
  record Decay(double gamma, double scale) implements QueryKeyMap {

    /// Checks the numbers.
    public Decay {
      if (!(gamma > 0) || !(scale > 0)) {
        throw new IllegalArgumentException(
            "a decay needs γ and scale above 0: " + gamma + ", " + scale);
      }
    }

    /// `ln(ζ_m)/scale`, at most 0: what a position adds to the logarithm of a factor.
    ///
    /// @param pairs number of pairs that turn
    public double rate(int pair, int pairs) {
      return Math.log(((double) pair / pairs + gamma) / (1 + gamma)) / scale;
    }
  }
}
