package dev.lengthwise.matrix;

import dev.lengthwise.quantised.QuantisedType;

/// The specification of the kernels: plain loops, sums in single precision.
final class ScalarKernels implements Kernels {

  @Override
  public void dot(
      WeightType type,
      long weights,
      int rows,
      int columns,
      long input,
      float[] sums,
      int at,
      Scratch scratch) {
    long rowBytes = type.bytes(columns);
    for (int row = 0; row < rows; row++) {
      float sum = 0;
      for (int from = 0; from < columns; from += PANEL) {
        int count = Math.min(PANEL, columns - from);
        decode(type, weights + row * rowBytes + type.bytes(from), count, scratch.panel, 0);
        for (int c = 0; c < count; c++) {
          sum += scratch.panel[c] * Memory.floatAt(input + (long) (from + c) * Float.BYTES);
        }
      }
      sums[at + row] = sum;
    }
  }

  @Override
  public void decode(WeightType type, long weights, int count, float[] values, int at) {
    QuantisedType quantised = type.quantised();
    if (quantised != null) {
      for (int n = 0; n < count / type.blockSize(); n++) {
        long block = weights + (long) n * type.blockBytes();
        quantised.codec().decode(Memory.ALL, block, values, at + n * type.blockSize());
      }
      return;
    }
    for (int c = 0; c < count; c++) {
      long address = weights + (long) c * type.blockBytes();
      values[at + c] =
          switch (type) {
            case F32 -> Memory.floatAt(address);
            case BF16 -> Memory.bf16At(address);
            default -> Memory.halfAt(address);
          };
    }
  }

  @Override
  public void panel(
      float[] panel,
      int stride,
      int rows,
      int count,
      long inputs,
      long inputStride,
      int tokens,
      float[] sums,
      int at) {
    for (int row = 0; row < rows; row++) {
      for (int token = 0; token < tokens; token++) {
        long input = inputs + token * inputStride * Float.BYTES;
        float sum = 0;
        for (int c = 0; c < count; c++) {
          sum += panel[row * stride + c] * Memory.floatAt(input + (long) c * Float.BYTES);
        }
        sums[at + row * tokens + token] += sum;
      }
    }
  }

  @Override
  public void norm(long input, long gain, int columns, float epsilon, long output) {
    float squares = 0;
    for (int c = 0; c < columns; c++) {
      float value = Memory.floatAt(input + (long) c * Float.BYTES);
      squares += value * value;
    }
    float factor = (float) (1 / Math.sqrt(squares / columns + (double) epsilon));
    for (int c = 0; c < columns; c++) {
      long at = (long) c * Float.BYTES;
      Memory.put(output + at, Memory.floatAt(input + at) * factor * Memory.floatAt(gain + at));
    }
  }

  @Override
  public void gate(float[] gate, float[] up, int count) {
    for (int i = 0; i < count; i++) {
      gate[i] = silu(gate[i]) * up[i];
    }
  }

  static float silu(float x) {
    return (float) (x / (1 + Math.exp(-x)));
  }

  @Override
  public void narrow(float[] values, int count, long target) {
    for (int i = 0; i < count; i++) {
      Memory.putShort(target + (long) i * Short.BYTES, Memory.toBf16(values[i]));
    }
  }
}
