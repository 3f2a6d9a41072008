package dev.lengthwise.matrix;

import org.jspecify.annotations.Nullable;

/// Where the product of one matrix goes.
///
/// @param weight the matrix
/// @param bias added to each output, in the order of the rows of `weight`; or `null`
/// @param places the column of `target` for each row of `weight`, a permutation; or `null` when
///     rows are columns in order
/// @param target a row for each token
/// @param add whether the product is added to what `target` holds
/// @param factor times the product and its bias; 1 in most models, another where a model
///     scales what a layer adds to the stream
public record Output(
    WeightMatrix weight,
    float @Nullable [] bias,
    int @Nullable [] places,
    FloatRows target,
    boolean add,
    float factor) {

  /// Checks the sizes.
  public Output {
    if (target.columns() != weight.rows()
        || (bias != null && bias.length != weight.rows())
        || (places != null && places.length != weight.rows())) {
      throw new IllegalArgumentException(
          "a product with " + weight.rows() + " outputs needs as many columns, biases and places");
    }
  }

  /// Where a product goes as it is.
  public Output(
      WeightMatrix weight,
      float @Nullable [] bias,
      int @Nullable [] places,
      FloatRows target,
      boolean add) {
    this(weight, bias, places, target, add, 1);
  }

  /// Where a product without bias goes.
  public Output(WeightMatrix weight, FloatRows target) {
    this(weight, null, null, target, false);
  }
}
