package dev.lengthwise.tokenizer;

import java.util.Arrays;

/// A growing list of ids.
public final class IntList {

  private int[] values = new int[64];
  private int size;

  /// Adds one at the end.
  public void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size + size / 2);
    }
    values[size++] = value;
  }

  /// Adds all of them at the end.
  public void addAll(int[] others) {
    for (int value : others) {
      add(value);
    }
  }

  /// How many there are.
  public int size() {
    return size;
  }

  /// Whether the last one is `value`.
  public boolean endsWith(int value) {
    return size > 0 && values[size - 1] == value;
  }

  /// Forgets those from `newSize` on.
  public void truncate(int newSize) {
    size = Math.min(size, newSize);
  }

  /// Those from `from` on, in a new array.
  public int[] from(int from) {
    return Arrays.copyOfRange(values, from, size);
  }

  /// Those from `from` to before `until`, in a new array.
  public int[] range(int from, int until) {
    if (from < 0 || until > size) {
      throw new IndexOutOfBoundsException(
          "there are %d ids, not those from %d to %d".formatted(size, from, until));
    }
    return Arrays.copyOfRange(values, from, until);
  }

  /// How many of the first ones are those of `others`.
  public int commonPrefix(int[] others) {
    int at = Arrays.mismatch(values, 0, size, others, 0, others.length);
    return at < 0 ? size : at;
  }

  /// All of them, in a new array.
  public int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
