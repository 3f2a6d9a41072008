package dev.lengthwise.vectors;

import java.util.function.IntToDoubleFunction;

/// The nearest vectors of one query so far, nearest first; equally near ones in the order of their
/// places.
final class NearestList {

  private final int[] places;
  private final double[] values;
  private int size;

  /// @param most vectors that are kept
  NearestList(int most) {
    places = new int[most];
    values = new double[most];
  }

  /// Takes a vector that is nearer than one that is kept. Vectors come in the order of their
  /// places.
  void offer(double value, int place) {
    if (size == places.length && !(value < values[size - 1])) {
      return;
    }
    size = Math.min(size, places.length - 1);
    insert(value, place);
  }

  private void insert(double value, int place) {
    int at = size++;
    for (; at > 0 && precedes(value, place, at - 1); at--) {
      places[at] = places[at - 1];
      values[at] = values[at - 1];
    }
    places[at] = place;
    values[at] = value;
  }

  private boolean precedes(double value, int place, int at) {
    int order = Double.compare(value, values[at]);
    return order < 0 || (order == 0 && place < places[at]);
  }

  /// Sorts what is kept by exact values.
  void exact(IntToDoubleFunction value) {
    int[] kept = places.clone();
    int all = size;
    size = 0;
    for (int n = 0; n < all; n++) {
      insert(value.applyAsDouble(kept[n]), kept[n]);
    }
  }

  /// Copies the first ones.
  void copy(int count, int[] toPlaces, double[] toValues, int at) {
    System.arraycopy(places, 0, toPlaces, at, count);
    System.arraycopy(values, 0, toValues, at, count);
  }
}
