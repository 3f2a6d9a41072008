package dev.lengthwise.family;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightSpec;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// One tensor of a file as its format describes it: its name and shape, and which of its rows are
/// those of a weight. Readers and writers of every format go by it.
///
/// @param name in the file
/// @param row what describes it
/// @param shape in the file, outermost dimension first
/// @param parts the weights whose rows it holds: of every place of `row`, and of every expert
///     where it holds all of them
/// @param skipped rows of the weight before the first that it holds: above 0 where the file has a
///     tensor for each head
/// @param spec the model
/// @param channels how the file orders the channels of a head
record FileTensor(
    String name,
    NameRow row,
    List<Long> shape,
    List<WeightSpec> parts,
    int skipped,
    ModelSpec spec,
    Channels channels) {

  /// How a file orders the channels of a head.
  enum Channels {
    /// As this program: those that turn come first, the two of a pair half a rotary size apart
    /// (decision 0004).
    AS_HERE,
    /// Pairs half a rotary size apart; in latent attention those that turn come last.
    HALVES,
    /// The same with pairs as neighbours `(2m, 2m + 1)`.
    NEIGHBOURS
  }

  /// Which rows of a tensor are those of one weight.
  ///
  /// @param first the row that is the first of the weight, where they follow one another in order
  /// @param order the row of the tensor for each row of the weight; `null` where they are in order
  @SuppressWarnings("ArrayRecordComponent") // made for one tensor, and never compared
  record RowsOfWeight(int first, int count, int @Nullable [] order) {

    /// The row of the tensor that is row `n` of the weight.
    int at(int n) {
      return order == null ? first + n : order[n];
    }
  }

  /// Numbers of a row: inputs of a projection; 1 where rows are single numbers.
  int columns() {
    return isVector() ? 1 : counted(parts.getFirst().shape().getLast());
  }

  /// Rows of all weights together.
  int rows() {
    return counted(parts.stream().mapToLong(part -> part.shape().getFirst()).sum());
  }

  /// Whether it holds single numbers: gains or biases.
  boolean isVector() {
    return parts.getFirst().shape().size() == 1;
  }

  /// Whether its last two dimensions are `[inputs, outputs]`.
  boolean isTurned() {
    return !isVector()
        && (row.transposed() || row.arrangement() == NameRow.Arrangement.TRANSPOSED_HEADS);
  }

  /// What must be added to its numbers: biases are stored as they are.
  double shift() {
    return parts.getFirst().id().part() == WeightId.Part.WEIGHT ? row.shift() : 0;
  }

  /// Matrices or vectors that follow one another in it: one for each expert where it holds all.
  int pieces() {
    return row.arrangement().holdsExperts() ? counted(shape.getFirst()) : 1;
  }

  private int rowsOf(WeightSpec part) {
    return counted(part.shape().getFirst());
  }

  private int counted(long rows) {
    return counted(name, rows);
  }

  /// Rows or columns as a number of Java: a header may name any sizes, and whether the file holds
  /// as much is looked at later.
  static int counted(String name, long rows) {
    if (rows > Integer.MAX_VALUE) {
      throw new LengthwiseException(
          "Tensor \"%s\" would have %d rows or columns by the header, more than any model has; the header is wrong."
              .formatted(name, rows));
    }
    return (int) rows;
  }

  /// The rows of one of the [#parts].
  RowsOfWeight rowsOf(WeightId id) {
    int index = 0;
    int first = 0;
    while (!parts.get(index).id().equals(id)) {
      first += rowsOf(parts.get(index));
      index++;
    }
    int count = rowsOf(parts.get(index));
    int @Nullable [] heads = ChannelOrder.of(spec, id, channels);
    boolean stacked =
        switch (row.arrangement()) {
          case STACKED, FLAT, EXPERTS, HEADS, TRANSPOSED_HEADS -> true;
          case BY_GROUP, IN_TURN, EXPERTS_IN_TURN -> row.slots().size() == 1;
        };
    if (stacked && heads == null) {
      return new RowsOfWeight(first, count, null);
    }
    int[] order = new int[count];
    for (int n = 0; n < count; n++) {
      int own = heads == null ? n : heads[n];
      order[n] = stacked ? first + own : place(index, first, own);
    }
    return new RowsOfWeight(first, count, order);
  }

  // The row of the tensor that is row `own` of part `index`, where parts are mixed.
  private int place(int index, int first, int own) {
    int places = row.slots().size();
    int number = index % places;
    return switch (row.arrangement()) {
      case IN_TURN -> own * places + number;
      case EXPERTS_IN_TURN -> {
        int expert = index / places * places * rowsOf(parts.get(index));
        yield expert + own * places + number;
      }
      case BY_GROUP -> {
        int groups = spec.keyValueHeads(parts.getFirst().id().layer());
        int size = rowsOf(parts.get(index)) / groups;
        int before = 0;
        int whole = 0;
        for (int part = 0; part < parts.size(); part++) {
          int each = rowsOf(parts.get(part)) / groups;
          before += part < index ? each : 0;
          whole += each;
        }
        yield own / size * whole + before + own % size;
      }
      case STACKED, FLAT, EXPERTS, HEADS, TRANSPOSED_HEADS -> first + own;
    };
  }

  /// Number of experts in a layer.
  static int experts(ModelSpec spec, int layer) {
    return spec.layers().get(layer).feedForward() instanceof FeedForward.Experts experts
        ? experts.count()
        : 0;
  }

  /// The order of the channels of heads in files.
  private static final class ChannelOrder {

    private ChannelOrder() {}

    /// The row of the file for each row of a weight, within the weight; `null` where they are the
    /// same.
    static int @Nullable [] of(ModelSpec spec, WeightId id, Channels channels) {
      if (id.layer() < 0 || channels == Channels.AS_HERE) {
        return null;
      }
      boolean interleaved = channels == Channels.NEIGHBOURS;
      return switch (spec.layers().get(id.layer()).mixer()) {
        case Mixer.Attention own ->
            switch (id.slot()) {
              case QUERY -> plain(spec, own.heads(), own.headSize(), interleaved);
              case KEY -> plain(spec, own.keyValueHeads(), own.headSize(), interleaved);
              case QUERY_NORM -> plain(spec, normed(own, own.heads()), own.headSize(), interleaved);
              case KEY_NORM ->
                  plain(spec, normed(own, own.keyValueHeads()), own.headSize(), interleaved);
              default -> null;
            };
        case Mixer.LatentAttention own ->
            switch (id.slot()) {
              case QUERY, QUERY_UP -> latent(own, interleaved);
              case ROTARY_KEY ->
                  interleaved ? heads(1, own.rotarySize(), own.rotarySize(), 0, true) : null;
              default -> null;
            };
        case Mixer.GatedUnit own -> interleaved ? unit(spec, own, id.slot()) : null;
        case Mixer.Recurrence _ -> null;
      };
    }

    // Queries and keys are made of the last channels of what the unit reads.
    private static int @Nullable [] unit(ModelSpec spec, Mixer.GatedUnit own, Slot slot) {
      int before = slot == Slot.UNIT_INPUT ? 2 * own.inner() : 0;
      int @Nullable [] head = plain(spec, 1, own.headSize(), true);
      return head == null
              || (slot != Slot.UNIT_INPUT && slot != Slot.UNIT_QUERY && slot != Slot.UNIT_KEY)
          ? null
          : IntStream.concat(IntStream.range(0, before), IntStream.of(head).map(n -> before + n))
              .toArray();
    }

    private static int normed(Mixer.Attention own, int heads) {
      return own.norm().size(heads, own.headSize()) / own.headSize();
    }

    private static int @Nullable [] plain(
        ModelSpec spec, int heads, int headSize, boolean interleaved) {
      int turning = spec.shape().rotarySize();
      return interleaved && turning > 0 ? heads(heads, headSize, turning, 0, true) : null;
    }

    // Files have the channels that turn last; here they are the first.
    private static int[] latent(Mixer.LatentAttention own, boolean interleaved) {
      return heads(own.heads(), own.headSize(), own.rotarySize(), own.stillSize(), interleaved);
    }

    // `before`: channels that stand before the turning ones in the file.
    private static int[] heads(int heads, int size, int turning, int before, boolean interleaved) {
      int[] order = new int[heads * size];
      for (int row = 0; row < order.length; row++) {
        int channel = row % size;
        int place;
        if (channel < turning) {
          int half = turning / 2;
          place = before + (interleaved ? channel % half * 2 + channel / half : channel);
        } else {
          place = before > 0 ? channel - turning : channel;
        }
        order[row] = row - channel + place;
      }
      return order;
    }
  }
}
