package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.cache.KeyValuePages;
import dev.lengthwise.position.AttentionPlan;

/// One call of the vector engine for one text.
///
/// @param plan what to do
/// @param queries the queries
/// @param output of the shape of the queries, but with the channels of values
/// @param batch index of the text in queries and output
/// @param pages keys and values of the text
/// @param group query heads that share a key head
/// @param firstPosition index in the text of the first row
/// @param rows number of query positions
record VectorCall(
    AttentionPlan plan,
    HeadRows queries,
    HeadRows output,
    int batch,
    KeyValuePages pages,
    int group,
    long firstPosition,
    int rows) {

  /// Index in the text of the last row.
  long lastPosition() {
    return firstPosition + rows - 1;
  }

  /// Channels of a query and of a key.
  int size() {
    return queries.headSize();
  }

  /// Channels of a value.
  int valueSize() {
    return output.headSize();
  }
}
