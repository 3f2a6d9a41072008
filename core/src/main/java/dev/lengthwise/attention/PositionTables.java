package dev.lengthwise.attention;

import dev.lengthwise.position.PositionMap;
import dev.lengthwise.position.RotaryTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Cosine and sine tables of recent calls, which are the same for every layer.
///
/// Phases are computed in double; the tables have the type of the scores. At most [#CAPACITY] pairs
/// of tables are held; they outlive the `PointerScope` of the call that made them. Confined to one
/// thread at a time.
final class PositionTables {

  private static final int CAPACITY = 16;

  /// The tables of one run of positions.
  ///
  /// @param cosine `[tokens, 1, pairs]`
  /// @param sine of the shape of `cosine`
  record Turn(Tensor cosine, Tensor sine) {
    private void keep() {
      cosine.retainReference();
      sine.retainReference();
    }

    private void release() {
      cosine.releaseReference();
      sine.releaseReference();
    }
  }

  private record Key(
      RotaryTable rotary, PositionMap map, List<Long> firsts, List<Integer> counts, int type) {}

  private final Map<Key, Turn> turns = new LinkedHashMap<>(CAPACITY, 0.75f, true);

  /// The tables that turn the tokens at `positions` by `rotary` at their places under `map`, of the
  /// type and on the device of `like`.
  Turn of(RotaryTable rotary, PositionMap map, List<KeySpan> positions, Tensor like) {
    Key key =
        new Key(
            rotary,
            map,
            positions.stream().map(KeySpan::firstPosition).toList(),
            positions.stream().map(KeySpan::count).toList(),
            like.scalar_type().value);
    Turn turn = turns.get(key);
    if (turn == null) {
      turn = compute(rotary, map, positions, like);
      turn.keep();
      turns.put(key, turn);
      dropEldest();
    }
    return turn;
  }

  private void dropEldest() {
    if (turns.size() > CAPACITY) {
      var eldest = turns.entrySet().iterator();
      Turn dropped = eldest.next().getValue();
      eldest.remove();
      dropped.release();
    }
  }

  private static Turn compute(
      RotaryTable rotary, PositionMap map, List<KeySpan> positions, Tensor like) {
    int tokens = positions.stream().mapToInt(KeySpan::count).sum();
    int pairs = rotary.pairs();
    double[] cosine = new double[tokens * pairs];
    double[] sine = new double[tokens * pairs];
    int entry = 0;
    for (KeySpan span : positions) {
      for (int token = 0; token < span.count(); token++) {
        double position = map.at(span.firstPosition() + token);
        for (int pair = 0; pair < pairs; pair++) {
          double phase = position * rotary.frequency(pair);
          cosine[entry] = Math.cos(phase);
          sine[entry] = Math.sin(phase);
          entry++;
        }
      }
    }
    return new Turn(tensor(cosine, tokens, pairs, like), tensor(sine, tokens, pairs, like));
  }

  private static Tensor tensor(double[] values, int tokens, int pairs, Tensor like) {
    ScalarType type = like.scalar_type();
    return Tensor.create(values, tokens, 1, pairs).to(like.device(), type);
  }
}
