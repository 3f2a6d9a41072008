package dev.lengthwise.attention;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Keys, not rotated, and values, with the places in the text where they stand.
///
/// @param keys `[batch, capacity, keyValueHeads, headSize]`
/// @param values `[batch, capacity, keyValueHeads, valueSize]`
/// @param spans which rows hold which positions, in ascending order of positions
public record KeyValueRows(Tensor keys, Tensor values, List<KeySpan> spans) implements KeyValues {

  /// Checks the shapes.
  public KeyValueRows {
    spans = List.copyOf(spans);
    if (keys.dim() != 4 || values.dim() != 4) {
      throw new IllegalArgumentException(
          "keys and values need the shape [batch, capacity, keyValueHeads, headSize]");
    }
  }

  /// Keys and values of a text from its first token on.
  public static KeyValueRows fromStart(Tensor keys, Tensor values) {
    return new KeyValueRows(keys, values, List.of(new KeySpan(0, 0, (int) keys.size(1))));
  }

  @Override
  public int heads() {
    return (int) keys.size(2);
  }

  @Override
  public KeyValueRows rows() {
    return this;
  }
}
