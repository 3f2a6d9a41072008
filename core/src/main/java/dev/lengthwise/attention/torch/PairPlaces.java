package dev.lengthwise.attention.torch;

import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.Region;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Where the queries and keys of a block stand in the text, as tensors for masks and biases.
///
/// @param queries index in the text of every row
/// @param keys index in the text of every key
/// @param queryColumn `[rows, 1]`, int64
/// @param keyRow `[1, keys]`, int64
/// @param like a tensor of the type and device of the scores The arrays are made by this class and
///     never leave it.
@SuppressWarnings("ArrayRecordComponent")
record PairPlaces(long[] queries, long[] keys, Tensor queryColumn, Tensor keyRow, Tensor like) {

  static PairPlaces of(KeySpan queries, List<KeySpan> keys, Tensor like) {
    long[] queryIndices = indices(List.of(queries));
    long[] keyIndices = indices(keys);
    return new PairPlaces(
        queryIndices,
        keyIndices,
        Tensor.create(queryIndices, queryIndices.length, 1).to(like.device(), LONG),
        Tensor.create(keyIndices, 1, keyIndices.length).to(like.device(), LONG),
        like);
  }

  private static final org.bytedeco.pytorch.global.torch.ScalarType LONG =
      org.bytedeco.pytorch.global.torch.ScalarType.Long;

  private static long[] indices(List<KeySpan> spans) {
    return spans.stream()
        .flatMapToLong(
            span -> LongStream.range(span.firstPosition(), span.firstPosition() + span.count()))
        .toArray();
  }

  /// Which pairs `region` holds: `[rows, keys]`, bool.
  Tensor inside(Region region) {
    return region.ahead()
        ? inside(region, keyRow, queryColumn).logical_and(keyRow.gt(queryColumn))
        : inside(region, queryColumn, keyRow);
  }

  private static Tensor inside(Region region, Tensor later, Tensor earlier) {
    Tensor distance = later.sub(earlier);
    Tensor inside = distance.ge(new Scalar(Math.max(0, region.distance().from())));
    inside = below(inside, distance, region.distance());
    inside = inside.logical_and(earlier.ge(new Scalar(region.key().from())));
    inside = below(inside, earlier, region.key());
    if (!region.chunkDifference().equals(Bounds.ALL)) {
      Scalar size = new Scalar(region.chunkSize());
      Tensor difference = later.floor_divide(size).sub(earlier.floor_divide(size));
      inside = inside.logical_and(difference.ge(new Scalar(region.chunkDifference().from())));
      inside = below(inside, difference, region.chunkDifference());
    }
    return inside;
  }

  /// Which pairs some of `regions` hold: `[rows, keys]`, bool.
  Tensor inside(List<Region> regions) {
    return regions.stream().map(this::inside).reduce(Tensor::logical_or).orElseThrow();
  }

  /// 0 for the pairs that some of `regions` hold, −∞ for all others: `[rows, keys]`, typed as
  /// `scores`.
  Tensor outside(List<Region> regions, Tensor scores) {
    return torch
        .zeros(new long[] {queries.length, keys.length}, scores.options())
        .masked_fill(inside(regions).logical_not(), new Scalar(Double.NEGATIVE_INFINITY));
  }

  private static Tensor below(Tensor inside, Tensor values, Bounds bounds) {
    return bounds.until() == Bounds.UNBOUNDED
        ? inside
        : inside.logical_and(values.lt(new Scalar(bounds.until())));
  }
}
