package dev.lengthwise.tokenizer;

import java.util.Arrays;

/// A growing list of ids.
final class IntList {

  private int[] values = new int[64];
  private int size;

  void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, size + size / 2);
    }
    values[size++] = value;
  }

  boolean endsWith(int value) {
    return size > 0 && values[size - 1] == value;
  }

  int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
