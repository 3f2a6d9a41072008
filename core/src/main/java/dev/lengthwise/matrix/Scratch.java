package dev.lengthwise.matrix;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one thread works with; its arrays are used again from call to call.
final class Scratch {

  /// Weights of a strip: see [QuantisedDot].
  static final int STRIP = 2048;

  /// Rows of decoded weights, `[4, COLUMN_BLOCK]`.
  final float[] columnBlock = new float[4 * MatrixKernels.COLUMN_BLOCK];

  /// Most rows of [#vectors].
  static final int ROWS = 256;

  /// Rows of vectors whose lanes are still to be added, and one more: `[ROWS + 1, 16]` at most.
  final float[] vectors = new float[(ROWS + 1) * 16];

  /// The minima of a strip, halves as they are stored.
  final short[] halves = new short[STRIP / 32];

  /// The scales of two strips of blocks of 256 weights, `[2, STRIP / 16]`.
  final float[] scales = new float[2 * STRIP / 16];

  private @Nullable GroupBatch batch;
  private float[] inputSums = new float[0];
  private float[] parts = new float[0];
  private float[] single = new float[0];
  private float[] activations = new float[0];
  private float[] ordered = new float[0];
  private int[] dots = new int[0];
  private final Map<GroupLayout, List<IntegerInput>> integers = new EnumMap<>(GroupLayout.class);
  private final Map<GroupLayout, MemorySegment> tokens = new EnumMap<>(GroupLayout.class);
  private float[] sums = new float[0];
  private float[] gates = new float[0];

  /// What products of several tokens with groups of rows need. It is made by those alone: without
  /// the Vector API its class does not load.
  GroupBatch batch() {
    GroupBatch made = batch;
    if (made == null) {
      made = new GroupBatch();
      batch = made;
    }
    return made;
  }

  /// Sums of the activations of each block; zero where it was never written.
  float[] inputSums(int count) {
    if (inputSums.length < count) {
      inputSums = new float[count];
    } else {
      Arrays.fill(inputSums, 0);
    }
    return inputSums;
  }

  /// The activations of a token, where a kernel needs an array.
  float[] activations(long address, int count) {
    if (activations.length < count) {
      activations = new float[count];
    }
    MemorySegment.copy(Memory.ALL, Memory.FLOAT, address, activations, 0, count);
    return activations;
  }

  /// The same in the order of the places of a layout.
  float[] ordered(GroupLayout layout, float[] x, int count) {
    if (ordered.length < count) {
      ordered = new float[count];
    }
    for (int part = 0; part < count; part += layout.partColumns()) {
      for (int place = 0; place < layout.partColumns(); place++) {
        ordered[part + place] = x[part + layout.column(place)];
      }
    }
    return ordered;
  }

  /// Sums of whole numbers: see [IntegerDot].
  int[] dots(int count) {
    if (dots.length < count) {
      dots = new int[count];
    }
    return dots;
  }

  /// Activations as whole numbers, of as many tokens and layouts as one call needs.
  IntegerInput integers(GroupLayout layout, int token) {
    List<IntegerInput> inputs = integers.computeIfAbsent(layout, _ -> new ArrayList<>());
    while (inputs.size() <= token) {
      inputs.add(new IntegerInput());
    }
    return inputs.get(token);
  }

  /// Memory of the same for [CompiledProducts].
  MemorySegment tokens(GroupLayout layout, long bytes) {
    MemorySegment memory = tokens.get(layout);
    if (memory == null || memory.byteSize() < bytes) {
      memory = Arena.ofAuto().allocate(bytes, GroupLayout.VECTOR);
      tokens.put(layout, memory);
    }
    return memory;
  }

  /// Sums of parts: see [LevelGroupDot].
  float[] parts(int count) {
    if (parts.length < count) {
      parts = new float[count];
    }
    return parts;
  }

  /// Sums of one of several tokens.
  float[] single(int count) {
    if (single.length < count) {
      single = new float[count];
    }
    return single;
  }

  /// Products of some rows with tokens that are multiplied one by one: `sums[r · tokens + t]`. The
  /// rows of a task come from the cache for all tokens but the first.
  void oneByOne(int tokens, int rows, float[] sums, TokenProducts products) {
    float[] one = tokens == 1 ? sums : single(rows);
    for (int token = 0; token < tokens; token++) {
      products.put(token, one);
      for (int row = 0; tokens > 1 && row < rows; row++) {
        sums[row * tokens + token] = one[row];
      }
    }
  }

  /// Products of rows with one token.
  interface TokenProducts {
    /// `sums[r]` of each row.
    void put(int token, float[] sums);
  }

  float[] sums(int count) {
    if (sums.length < count) {
      sums = new float[count];
    }
    return sums;
  }

  float[] gates(int count) {
    if (gates.length < count) {
      gates = new float[count];
    }
    return gates;
  }
}
