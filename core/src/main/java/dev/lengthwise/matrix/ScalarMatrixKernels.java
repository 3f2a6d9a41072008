package dev.lengthwise.matrix;

import dev.lengthwise.quantised.Bfloat16;
import dev.lengthwise.quantised.EightBitFloat;
import dev.lengthwise.quantised.QuantisedType;

/// The specification of the kernels: plain loops, sums in single precision; only the mean and
/// the variance of a norm are sums in double precision.
final class ScalarMatrixKernels implements MatrixKernels {

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
      for (int from = 0; from < columns; from += COLUMN_BLOCK) {
        int count = Math.min(COLUMN_BLOCK, columns - from);
        decode(type, weights + row * rowBytes + type.bytes(from), count, scratch.columnBlock, 0);
        for (int c = 0; c < count; c++) {
          sum += scratch.columnBlock[c] * Memory.floatAt(input + (long) (from + c) * Float.BYTES);
        }
      }
      sums[at + row] = sum;
    }
  }

  @Override
  public void dot(
      RowGroups groups, int first, int rows, long input, float[] sums, int at, Scratch scratch) {
    for (int row = 0; row < rows; row++) {
      float sum = 0;
      for (int c = 0; c < groups.weight().columns(); c++) {
        sum +=
            GroupWeights.weight(groups, first + row, c)
                * Memory.floatAt(input + (long) c * Float.BYTES);
      }
      sums[at + row] = sum;
    }
  }

  @Override
  public boolean rounds(GroupLayout layout) {
    return true;
  }

  @Override
  public RoundedTokens round(GroupLayout layout, FloatRows inputs, Scratch scratch) {
    return IntegerTokens.of(
        layout,
        inputs,
        scratch,
        (groups, first, rows, input, sums, own) -> {
          for (int row = 0; row < rows; row++) {
            sums[row] = GroupIntegers.product(groups, first + row, input);
          }
        });
  }

  @Override
  public void dot(
      RowGroups groups, int first, int rows, FloatRows inputs, float[] sums, Scratch scratch) {
    int tokens = inputs.count();
    float[] own = new float[rows];
    for (int token = 0; token < tokens; token++) {
      dot(groups, first, rows, inputs.addressOf(token), own, 0, scratch);
      for (int row = 0; row < rows; row++) {
        sums[row * tokens + token] = own[row];
      }
    }
  }

  @Override
  public void dot(
      WeightType type, long weights, int rows, FloatRows inputs, float[] sums, Scratch scratch) {
    int tokens = inputs.count();
    float[] own = new float[rows];
    for (int token = 0; token < tokens; token++) {
      dot(type, weights, rows, inputs.columns(), inputs.addressOf(token), own, 0, scratch);
      for (int row = 0; row < rows; row++) {
        sums[row * tokens + token] = own[row];
      }
    }
  }

  @Override
  public boolean isTogether(WeightType type) {
    return false;
  }

  @Override
  public int leastTogether() {
    return 2;
  }

  @Override
  public int mostAlone(WeightType type) {
    return 1;
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
            case F8_E4M3 -> EightBitFloat.E4M3.decode(Memory.unsignedAt(address));
            case F8_E5M2 -> EightBitFloat.E5M2.decode(Memory.unsignedAt(address));
            default -> Memory.halfAt(address);
          };
    }
  }

  @Override
  public void addColumnBlock(
      float[] columnBlock,
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
          sum += columnBlock[row * stride + c] * Memory.floatAt(input + (long) c * Float.BYTES);
        }
        sums[at + row * tokens + token] += sum;
      }
    }
  }

  @Override
  public void norm(long input, int columns, Normalization norm, long output, boolean bf16) {
    switch (norm.kind()) {
      case RMS -> rms(input, columns, norm, output, bf16);
      case LAYER -> layer(input, columns, norm, output, bf16);
    }
  }

  private static void rms(long input, int columns, Normalization norm, long output, boolean bf16) {
    float squares = 0;
    for (int c = 0; c < columns; c++) {
      float value = get(input, c, false);
      squares += value * value;
    }
    float factor = (float) (1 / Math.sqrt(squares / columns + norm.epsilon()));
    scale(input, norm.gainAddress(), 0, columns, factor, output, bf16);
  }

  static void scale(
      long input, long gain, int from, int until, float factor, long output, boolean bf16) {
    for (int c = from; c < until; c++) {
      float scaled = get(input, c, false) * factor;
      put(output, c, gain == 0 ? scaled : scaled * get(gain, c, false), bf16);
    }
  }

  private static void layer(
      long input, int columns, Normalization norm, long output, boolean bf16) {
    double sum = 0;
    for (int c = 0; c < columns; c++) {
      sum += get(input, c, false);
    }
    double mean = sum / columns;
    double squares = 0;
    for (int c = 0; c < columns; c++) {
      double deviation = get(input, c, false) - mean;
      squares += deviation * deviation;
    }
    float factor = (float) (1 / Math.sqrt(squares / columns + norm.epsilon()));
    centre(input, 0, columns, mean, factor, norm, output, bf16);
  }

  static void centre(
      long input,
      int from,
      int until,
      double mean,
      float factor,
      Normalization norm,
      long output,
      boolean bf16) {
    long gain = norm.gainAddress();
    long bias = norm.biasAddress();
    for (int c = from; c < until; c++) {
      float y = (float) (get(input, c, false) - mean) * factor;
      y = gain == 0 ? y : y * get(gain, c, false);
      put(output, c, bias == 0 ? y : y + get(bias, c, false), bf16);
    }
  }

  private static void put(long target, int index, float value, boolean bf16) {
    if (bf16) {
      Memory.putShort(target + (long) index * Short.BYTES, Bfloat16.round(value));
    } else {
      Memory.put(target + (long) index * Float.BYTES, value);
    }
  }

  private static float get(long source, int index, boolean bf16) {
    return bf16
        ? Memory.bf16At(source + (long) index * Short.BYTES)
        : Memory.floatAt(source + (long) index * Float.BYTES);
  }

  @Override
  public void activate(Activation activation, float[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = (float) activation.of(values[i]);
    }
  }

  @Override
  public void gate(Gating gating, float[] gate, float[] up, int count) {
    for (int i = 0; i < count; i++) {
      gate[i] = (float) gating.of(gate[i], up[i]);
    }
  }

  @Override
  public void narrow(float[] values, int count, long target) {
    for (int i = 0; i < count; i++) {
      Memory.putShort(target + (long) i * Short.BYTES, Bfloat16.round(values[i]));
    }
  }

  @Override
  public void narrow(long values, int count, long target) {
    narrow(values, 0, count, target);
  }

  static void narrow(long values, int from, int until, long target) {
    for (int i = from; i < until; i++) {
      put(target, i, get(values, i, false), true);
    }
  }

  @Override
  public void store(
      long products, boolean bf16, int count, long target, boolean add, float factor) {
    store(products, bf16, 0, count, target, add, factor);
  }

  static void store(
      long products, boolean bf16, int from, int until, long target, boolean add, float factor) {
    for (int i = from; i < until; i++) {
      float product = get(products, i, bf16) * factor;
      put(target, i, add ? get(target, i, false) + product : product, false);
    }
  }
}
