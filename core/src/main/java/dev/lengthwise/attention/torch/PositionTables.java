package dev.lengthwise.attention.torch;

import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.Rotation;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Cosine and sine tables of recent calls, which are the same for every layer.
///
/// Phases are computed in double; the tables have the type and device of the scores. At most
/// [#CAPACITY] pairs of tables are held. They are made of pieces for runs of [#PIECE] tokens, of
/// which more are held: blocks of rows of a long text need ever other runs of the same places. Both
/// outlive the `PointerScope` of the call that made them. Confined to one thread at a time.
final class PositionTables {

  private static final int CAPACITY = 16;

  /// Tokens of a piece.
  private static final int PIECE = 256;

  /// Numbers in pieces, 256 MiB in f32: beyond it all pieces are dropped.
  private static final long MAXIMUM_NUMBERS = 1L << 26;

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

  /// Where numbers lie and what they are.
  ///
  /// @param type scalar type
  /// @param device type of the device
  /// @param index number of the device
  private record Kind(int type, int device, int index) {
    static Kind of(Tensor tensor) {
      Device device = tensor.device();
      return new Kind(tensor.scalar_type().value, device.type().value, device.index());
    }
  }

  private record Key(
      Rotation rotation, double origin, List<Long> firsts, List<Integer> counts, Kind kind) {}

  private record PieceKey(Rotation rotation, long number, Kind kind) {}

  private final Map<Key, Phases> tables = new LinkedHashMap<>(CAPACITY, 0.75f, true);
  private final Map<PieceKey, Phases> pieces = new HashMap<>();
  private long numbersInPieces;

  /// The tables that turn the tokens at `positions`, of the type and on the device of `like`.
  ///
  /// @param origin the place that factors of a decay count from; without a decay, 0
  Phases of(Rotation rotation, double origin, List<KeySpan> positions, Tensor like) {
    Key key =
        new Key(
            rotation,
            origin,
            positions.stream().map(KeySpan::firstPosition).toList(),
            positions.stream().map(KeySpan::count).toList(),
            Kind.of(like));
    Phases phases = tables.get(key);
    if (phases == null) {
      phases =
          rotation.decays()
              ? compute(rotation, origin, positions, like)
              : ofPieces(rotation, positions, key.kind(), like);
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

  private Phases ofPieces(Rotation rotation, List<KeySpan> positions, Kind kind, Tensor like) {
    TensorVector cosines = new TensorVector();
    TensorVector sines = new TensorVector();
    for (KeySpan span : positions) {
      long until = span.firstPosition() + span.count();
      for (long at = span.firstPosition(); at < until; ) {
        long number = at / PIECE;
        long next = Math.min(until, (number + 1) * PIECE);
        Phases piece = piece(new PieceKey(rotation, number, kind), like);
        cosines.push_back(piece.cosine().narrow(0, at - number * PIECE, next - at));
        sines.push_back(piece.sine().narrow(0, at - number * PIECE, next - at));
        at = next;
      }
    }
    return new Phases(torch.cat(cosines, 0), torch.cat(sines, 0));
  }

  private Phases piece(PieceKey key, Tensor like) {
    Phases known = pieces.get(key);
    if (known != null) {
      return known;
    }
    long numbers = 2L * PIECE * key.rotation().rotary().pairs();
    if (numbersInPieces + numbers > MAXIMUM_NUMBERS) {
      pieces.values().forEach(Phases::release);
      pieces.clear();
      numbersInPieces = 0;
    }
    KeySpan run = new KeySpan(key.number() * PIECE, 0, PIECE);
    Phases computed = compute(key.rotation(), 0, List.of(run), like);
    computed.keep();
    pieces.put(key, computed);
    numbersInPieces += numbers;
    return computed;
  }

  private static Phases compute(
      Rotation rotation, double origin, List<KeySpan> positions, Tensor like) {
    int tokens = positions.stream().mapToInt(KeySpan::count).sum();
    int pairs = rotation.rotary().pairs();
    double[] cosine = new double[tokens * pairs];
    double[] sine = new double[tokens * pairs];
    int entry = 0;
    for (KeySpan span : positions) {
      for (int token = 0; token < span.count(); token++) {
        double position = rotation.places().at(span.firstPosition() + token);
        for (int pair = 0; pair < pairs; pair++) {
          double phase = position * rotation.rotary().frequency(pair);
          double factor = rotation.factor(pair, Math.max(MOST_BEFORE_ORIGIN, position - origin));
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
