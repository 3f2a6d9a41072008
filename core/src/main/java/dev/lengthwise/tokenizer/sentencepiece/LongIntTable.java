package dev.lengthwise.tokenizer.sentencepiece;

import java.util.Arrays;

/// A map from `long` to non-negative `int` without boxing: open addressing with linear probing, at
/// most half full.
final class LongIntTable {

  private static final int ABSENT = -1;

  private long[] keys = new long[16];
  private int[] values = new int[16];
  private int size;

  LongIntTable() {
    Arrays.fill(values, ABSENT);
  }

  /// The value of `key`, or −1.
  int get(long key) {
    return values[slot(key)];
  }

  /// Sets the value of `key` unless it has one; returns the value it has now.
  int putIfAbsent(long key, int value) {
    int slot = slot(key);
    if (values[slot] == ABSENT) {
      if (2 * (size + 1) > keys.length) {
        grow();
        slot = slot(key);
      }
      keys[slot] = key;
      values[slot] = value;
      size++;
    }
    return values[slot];
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    // The golden ratio spreads keys that differ in few bits.
    int slot = (int) ((key * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (values[slot] != ABSENT && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[2 * oldKeys.length];
    values = new int[2 * oldKeys.length];
    Arrays.fill(values, ABSENT);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldValues[i] != ABSENT) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }
}
