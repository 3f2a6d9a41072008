package dev.lengthwise.attention;

import org.bytedeco.pytorch.Tensor;

/// The queries of consecutive tokens.
///
/// @param tensor `[batch, rows, heads, headSize]`
/// @param firstPosition index in the text of the first row
public record QueryRows(Tensor tensor, long firstPosition) {

  /// Checks the number of dimensions.
  public QueryRows {
    if (tensor.dim() != 4) {
      throw new IllegalArgumentException(
          "queries need the shape [batch, rows, heads, headSize], found "
              + tensor.dim()
              + " dimensions");
    }
  }

  /// Sequences that stand at the same positions.
  public int batch() {
    return (int) tensor.size(0);
  }

  /// Tokens of a sequence.
  public int rows() {
    return (int) tensor.size(1);
  }

  /// Query heads.
  public int heads() {
    return (int) tensor.size(2);
  }

  /// Channels of a head.
  public int headSize() {
    return (int) tensor.size(3);
  }
}
