package dev.lengthwise.attention;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Cosine and sine tables of recent calls, which are the same for every layer.
///
/// Phases are computed in double; the tables have the type of the scores. At most [#CAPACITY] pairs
/// of tables are held; they outlive the `PointerScope` of the call that made them. Confined to one
/// thread at a time, and to tensors of one device.
final class PositionTables {

  private static final int CAPACITY = 16;

  /// Queries further before the origin of their keys see none of them: their factor only has to be
  /// a number.
  private static final double MOST_BEFORE_ORIGIN = -4096;

  /// The tables of one run of positions.
  ///
  /// @param cosine `[tokens, 1, pairs]`
  /// @param sine of the shape of `cosine`
  record Phases(Tensor cosine, Tensor sine) {
    private void keep() {
      cosine.retainReference();
      sine.retainReference();
    }

    private void release() {
      cosine.releaseReference();
      sine.releaseReference();
    }
  }

  private record Key(Turn turn, double origin, List<Long> firsts, List<Integer> counts, int type) {}

  private final Map<Key, Phases> tables = new LinkedHashMap<>(CAPACITY, 0.75f, true);

  /// The tables that turn the tokens at `positions`, of the type and on the device of `like`.
  ///
  /// @param origin the place that factors of a decay count from; without a decay, 0
  Phases of(Turn turn, double origin, List<KeySpan> positions, Tensor like) {
    Key key =
        new Key(
            turn,
            origin,
            positions.stream().map(KeySpan::firstPosition).toList(),
            positions.stream().map(KeySpan::count).toList(),
            like.scalar_type().value);
    Phases phases = tables.get(key);
    if (phases == null) {
      phases = compute(turn, origin, positions, like);
      phases.keep();
      tables.put(key, phases);
      dropEldest();
    }
    return phases;
  }

  private void dropEldest() {
    if (tables.size() > CAPACITY) {
      var eldest = tables.entrySet().iterator();
      Phases dropped = eldest.next().getValue();
      eldest.remove();
      dropped.release();
    }
  }

  private static Phases compute(Turn turn, double origin, List<KeySpan> positions, Tensor like) {
    int tokens = positions.stream().mapToInt(KeySpan::count).sum();
    int pairs = turn.rotary().pairs();
    double[] cosine = new double[tokens * pairs];
    double[] sine = new double[tokens * pairs];
    int entry = 0;
    for (KeySpan span : positions) {
      for (int token = 0; token < span.count(); token++) {
        double position = turn.places().at(span.firstPosition() + token);
        for (int pair = 0; pair < pairs; pair++) {
          double phase = position * turn.rotary().frequency(pair);
          double factor = turn.factor(pair, Math.max(MOST_BEFORE_ORIGIN, position - origin));
          cosine[entry] = factor * Math.cos(phase);
          sine[entry] = factor * Math.sin(phase);
          entry++;
        }
      }
    }
    return new Phases(tensor(cosine, tokens, pairs, like), tensor(sine, tokens, pairs, like));
  }

  private static Tensor tensor(double[] values, int tokens, int pairs, Tensor like) {
    ScalarType type = like.scalar_type();
    return Tensor.create(values, tokens, 1, pairs).to(like.device(), type);
  }
}
