package dev.lengthwise.attention;

import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.RotaryTable;

/// How tokens turn: pair `m` of the token at place `x` by the angle `x · θ_m`, and under
/// [QueryKeyMap.Decay] also by a factor that grows or shrinks with `x − origin`. Engines choose the
/// origin, near the places, so that no factor leaves single precision.
///
/// The amplitude of a table is no part of it: engines multiply the turned channels of queries by
/// its square, so that keys are kept the same whatever it is, and branches whose keys lie as they
/// are have it too.
///
/// @param rotary the frequencies `θ`, of amplitude 1
/// @param places `φ` or `ψ`
/// @param map the query and key map of the plan; only a decay matters here
/// @param key whether keys turn: their factor is the inverse of that of queries
public record Rotation(RotaryTable rotary, PositionMap places, QueryKeyMap map, boolean key) {

  /// Drops the amplitude. Without a decay, queries and keys share what is computed for them.
  public Rotation {
    rotary = rotary.withAmplitude(1);
    if (!(map instanceof QueryKeyMap.Decay)) {
      map = QueryKeyMap.IDENTITY;
      key = false;
    }
  }

  /// The factor of `pair` at `distance` places from the origin.
  public double factor(int pair, double distance) {
    return map instanceof QueryKeyMap.Decay decay
        ? Math.exp((key ? -distance : distance) * decay.rate(pair, rotary.pairs()))
        : 1;
  }

  /// Whether factors are other than 1.
  public boolean decays() {
    return map instanceof QueryKeyMap.Decay;
  }
}
