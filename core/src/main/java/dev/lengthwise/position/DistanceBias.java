package dev.lengthwise.position;

import java.util.List;

/// A bias that depends on the head and the relative position only.
///
/// Relative positions below 0, which no method gives to a pair that is seen, count as 0.
public sealed interface DistanceBias extends ScoreBias {

  /// Name of the first learned number of KERPLE.
  String R1 = "r1";

  /// Name of the second learned number of KERPLE.
  String R2 = "r2";

  /// Name of the learned numbers of a table.
  String TABLE = "table";

  /// `β` of `head` at relative position `relative`.
  double at(int head, double relative);

  @Override
  default double at(int head, long query, double relative) {
    return at(head, relative);
  }

  /// KERPLE, logarithmic: `−r1_h · ln(1 + r2_h · ρ)`.
  ///
  /// Source: Chi et al. 2022, "KERPLE", arXiv 2205.09921.
  ///
  /// @param r1 one positive number for each head
  /// @param r2 one positive number for each head
  record KerpleLog(List<Double> r1, List<Double> r2) implements DistanceBias {

    /// Copies the lists.
    public KerpleLog {
      r1 = List.copyOf(r1);
      r2 = List.copyOf(r2);
      requireEqual(r1.size(), r2.size());
    }

    @Override
    public double at(int head, double relative) {
      return -r1.get(head) * Math.log1p(r2.get(head) * Math.max(0, relative));
    }
  }

  /// KERPLE, power: `−r1_h · ρ^r2_h`. With an exponent of 1 it is ALiBi with slope `r1`.
  ///
  /// Source: Chi et al. 2022, "KERPLE", arXiv 2205.09921.
  ///
  /// @param r1 one positive number for each head
  /// @param r2 exponents, above 0 and at most 2
  record KerplePower(List<Double> r1, List<Double> r2) implements DistanceBias {

    /// Copies the lists.
    public KerplePower {
      r1 = List.copyOf(r1);
      r2 = List.copyOf(r2);
      requireEqual(r1.size(), r2.size());
    }

    @Override
    public double at(int head, double relative) {
      return -r1.get(head) * Math.pow(Math.max(0, relative), r2.get(head));
    }
  }

  /// Sandwich: the inner product of the sinusoidal positions of query and key, shifted to 0 at
  /// distance 0 and divided by `c_h = 8h/H`, `h = 1 … H`.
  ///
  ///     β_h(ρ) = [ Σ_{m=1}^{D/2} cos(ρ / 10000^{2m/D}) − D/2 ] / c_h
  ///
  /// It falls on average, but oscillates. Source: Chi et al. 2023, "Dissecting Transformer Length
  /// Extrapolation via the Lens of Receptive Field Analysis", arXiv 2212.10356.
  ///
  /// @param heads `H`
  /// @param channels `D`, channels of the sinusoidal positions
  record Sandwich(int heads, int channels) implements DistanceBias {

    private static final double BASE = 10_000;

    /// Checks the numbers.
    public Sandwich {
      if (heads < 1 || channels < 2 || channels % 2 != 0) {
        throw new IllegalArgumentException("sandwich needs heads and an even number of channels");
      }
    }

    /// Waves that are summed: `D/2`.
    public int waves() {
      return channels / 2;
    }

    /// Radians per position of wave `m`, from 1.
    public double frequency(int m) {
      return Math.pow(BASE, -2.0 * m / channels);
    }

    /// `c_h`.
    public double compression(int head) {
      return 8.0 * (head + 1) / heads;
    }

    @Override
    public double at(int head, double relative) {
      double sum = 0;
      for (int m = 1; m <= waves(); m++) {
        sum += Math.cos(Math.max(0, relative) * frequency(m)) - 1;
      }
      return sum / compression(head);
    }
  }

  /// T5: one number for each bucket of distances and each head.
  ///
  ///     β_h(ρ) = factor · table[bucket(ρ), h]
  ///
  /// Source: Raffel et al. 2020, "Exploring the Limits of Transfer Learning", section 2.1.
  ///
  /// @param rule buckets
  /// @param factor what the table is multiplied by
  /// @param table `[buckets, heads]`, row by row
  record Table(BucketRule rule, double factor, List<Double> table) implements DistanceBias {

    /// Copies the table.
    public Table {
      table = List.copyOf(table);
      if (table.isEmpty() || table.size() % rule.buckets() != 0) {
        throw new IllegalArgumentException("a table needs a number for each bucket and head");
      }
    }

    /// Query heads.
    public int heads() {
      return table.size() / rule.buckets();
    }

    @Override
    public double at(int head, double relative) {
      return factor * table.get(rule.bucket(relative) * heads() + head);
    }
  }

  private static void requireEqual(int first, int second) {
    if (first != second || first == 0) {
      throw new IllegalArgumentException("both numbers are needed for each head");
    }
  }
}
