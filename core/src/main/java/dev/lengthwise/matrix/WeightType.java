package dev.lengthwise.matrix;

import dev.lengthwise.quantised.Bfloat16;
import dev.lengthwise.quantised.EightBitFloat;
import dev.lengthwise.quantised.QuantisedType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// How the weights of a [WeightMatrix] are stored.
public enum WeightType {
  /// 32-bit float.
  F32(1, 4, null),
  /// The upper half of a 32-bit float.
  BF16(1, 2, null),
  /// IEEE half.
  F16(1, 2, null),
  /// See [EightBitFloat#E4M3].
  F8_E4M3(1, 1, null),
  /// See [EightBitFloat#E5M2].
  F8_E5M2(1, 1, null),
  /// See [QuantisedType#Q8_0].
  Q8_0(QuantisedType.Q8_0),
  /// See [QuantisedType#Q4_0].
  Q4_0(QuantisedType.Q4_0),
  /// See [QuantisedType#Q4_1].
  Q4_1(QuantisedType.Q4_1),
  /// See [QuantisedType#Q5_0].
  Q5_0(QuantisedType.Q5_0),
  /// See [QuantisedType#Q5_1].
  Q5_1(QuantisedType.Q5_1),
  /// See [QuantisedType#Q4_K].
  Q4_K(QuantisedType.Q4_K),
  /// See [QuantisedType#Q5_K].
  Q5_K(QuantisedType.Q5_K),
  /// See [QuantisedType#Q6_K].
  Q6_K(QuantisedType.Q6_K),
  /// See [QuantisedType#IQ4_NL].
  IQ4_NL(QuantisedType.IQ4_NL),
  /// See [QuantisedType#IQ4_XS].
  IQ4_XS(QuantisedType.IQ4_XS),
  /// See [QuantisedType#MXFP4].
  MXFP4(QuantisedType.MXFP4),
  /// See [QuantisedType#Q2_K].
  Q2_K(QuantisedType.Q2_K),
  /// See [QuantisedType#Q3_K].
  Q3_K(QuantisedType.Q3_K),
  /// See [QuantisedType#TQ1_0].
  TQ1_0(QuantisedType.TQ1_0),
  /// See [QuantisedType#TQ2_0].
  TQ2_0(QuantisedType.TQ2_0);

  private final int blockSize;
  private final int blockBytes;
  private final @Nullable QuantisedType quantised;

  WeightType(QuantisedType type) {
    this(type.blockSize(), type.blockBytes(), type);
  }

  WeightType(int blockSize, int blockBytes, @Nullable QuantisedType quantised) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
    this.quantised = quantised;
  }

  /// Weights that are stored together; 1 for plain types.
  public int blockSize() {
    return blockSize;
  }

  /// Bytes of a block.
  public int blockBytes() {
    return blockBytes;
  }

  /// The block format; `null` for plain types.
  @Nullable QuantisedType quantised() {
    return quantised;
  }

  /// Bytes of `weights` neighbours, whole blocks.
  public long bytes(long weights) {
    return weights / blockSize * blockBytes;
  }

  /// Stores weights, whole blocks.
  ///
  /// @param target as many bytes as they need
  public void encode(float[] weights, MemorySegment target) {
    for (int at = 0; at < weights.length; at += blockSize) {
      long to = bytes(at);
      switch (this) {
        case F32 -> target.set(ValueLayout.JAVA_FLOAT_UNALIGNED, to, weights[at]);
        case BF16 -> target.set(ValueLayout.JAVA_SHORT_UNALIGNED, to, Bfloat16.round(weights[at]));
        case F16 ->
            target.set(ValueLayout.JAVA_SHORT_UNALIGNED, to, Float.floatToFloat16(weights[at]));
        case F8_E4M3 ->
            target.set(ValueLayout.JAVA_BYTE, to, EightBitFloat.E4M3.encode(weights[at]));
        case F8_E5M2 ->
            target.set(ValueLayout.JAVA_BYTE, to, EightBitFloat.E5M2.encode(weights[at]));
        default -> Objects.requireNonNull(quantised).codec().encode(weights, at, target, to);
      }
    }
  }
}
