package dev.lengthwise.model;

import dev.lengthwise.position.ModelShape;
import java.nio.DoubleBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// What the queries and keys of a layer get added before they turn: zeros where the layer has no
/// bias. The arrays are the caller's.
///
/// @param query `[heads][headSize]`, half-split rotary layout
/// @param key `[keyValueHeads][headSize]`, likewise
@SuppressWarnings("ArrayRecordComponent")
public record QueryKeyBiases(double[][] query, double[][] key) {

  /// The biases of a layer that attends; of a gated attention unit, its offsets.
  public static QueryKeyBiases of(Decoder decoder, int layer) {
    ModelShape shape = decoder.spec().shape();
    return switch (decoder.weights()) {
      case DecoderWeights weights -> {
        DecoderWeights.Layer own = weights.layers().get(layer);
        yield new QueryKeyBiases(
            byHead(values(own.query()), shape.heads(), shape.headSize()),
            byHead(values(own.key()), shape.keyValueHeads(), shape.headSize()));
      }
      case NamedWeights weights -> {
        NamedWeights.Part part = weights.layer(layer);
        boolean gated = decoder.spec().architecture().block(layer).isGated();
        String query = gated ? GatedAttentionUnit.QUERY_OFFSET : MultiHeadAttention.QUERY + ".bias";
        String key = gated ? GatedAttentionUnit.KEY_OFFSET : MultiHeadAttention.KEY + ".bias";
        yield new QueryKeyBiases(
            byHead(values(part.find(query)), decoder.spec().heads(layer), shape.headSize()),
            byHead(values(part.find(key)), decoder.spec().keyValueHeads(layer), shape.headSize()));
      }
    };
  }

  /// Whether any bias is not zero.
  public boolean isBiased() {
    return Stream.of(query, key)
        .flatMap(Arrays::stream)
        .flatMapToDouble(Arrays::stream)
        .anyMatch(value -> value != 0);
  }

  private static double @Nullable [] values(Linear projection) {
    return switch (projection) {
      case Linear.Dense dense -> values(dense.bias());
      case Linear.Stored stored -> {
        float[] bias = stored.bias();
        if (bias == null) {
          yield null;
        }
        int[] places = stored.places();
        double[] values = new double[bias.length];
        for (int row = 0; row < bias.length; row++) {
          values[places == null ? row : places[row]] = bias[row];
        }
        yield values;
      }
    };
  }

  private static double @Nullable [] values(@Nullable Tensor bias) {
    if (bias == null) {
      return null;
    }
    DoubleBuffer buffer = bias.detach().to(torch.ScalarType.Double).contiguous().createBuffer();
    double[] values = new double[(int) bias.numel()];
    buffer.get(values);
    return values;
  }

  private static double[][] byHead(double @Nullable [] values, int heads, int headSize) {
    double[][] rows = new double[heads][headSize];
    if (values != null) {
      for (int head = 0; head < heads; head++) {
        rows[head] = Arrays.copyOfRange(values, head * headSize, (head + 1) * headSize);
      }
    }
    return rows;
  }
}
