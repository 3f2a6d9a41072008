package dev.lengthwise.checkpoint;

import dev.lengthwise.quantised.QuantisedType;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How the elements of a stored tensor are encoded.
///
/// A type stores `blockSize` elements in `blockBytes` bytes; plain types have blocks of one. Types
/// of GGUF and of newer safetensors files that nothing here decodes are listed as well, so that a
/// file that holds one can be inspected and an attempt to read it can say its name.
public enum DataType {
  /// 64-bit float.
  F64(1, 8),
  /// 32-bit float.
  F32(1, 4),
  /// IEEE half.
  F16(1, 2),
  /// The upper half of a 32-bit float.
  BF16(1, 2),
  /// 64-bit integer.
  I64(1, 8),
  /// 32-bit integer.
  I32(1, 4),
  /// 16-bit integer.
  I16(1, 2),
  /// 8-bit integer.
  I8(1, 1),
  /// Unsigned byte.
  U8(1, 1),
  /// One byte, 0 or 1.
  BOOL(1, 1),

  /// Unsigned 64-bit integer; not read.
  U64(1, 8),
  /// Unsigned 32-bit integer; not read.
  U32(1, 4),
  /// Unsigned 16-bit integer; not read.
  U16(1, 2),
  /// Two 32-bit floats; not read.
  C64(1, 8),
  /// Eight-bit float; its weights need the scales beside them.
  F8_E4M3(1, 1),
  /// Eight-bit float; its weights need the scales beside them.
  F8_E5M2(1, 1),
  /// Eight-bit exponent; not read.
  F8_E8M0(1, 1),
  /// Six-bit float; not read.
  F6_E2M3(4, 3),
  /// Six-bit float; not read.
  F6_E3M2(4, 3),
  /// Four-bit float; not read.
  F4(2, 1),

  /// ggml: see [QuantisedType#Q8_0].
  Q8_0(QuantisedType.Q8_0),
  /// ggml: see [QuantisedType#Q4_0].
  Q4_0(QuantisedType.Q4_0),
  /// ggml: see [QuantisedType#Q4_1].
  Q4_1(QuantisedType.Q4_1),
  /// ggml: see [QuantisedType#Q5_0].
  Q5_0(QuantisedType.Q5_0),
  /// ggml: see [QuantisedType#Q5_1].
  Q5_1(QuantisedType.Q5_1),
  /// ggml: see [QuantisedType#Q4_K].
  Q4_K(QuantisedType.Q4_K),
  /// ggml: see [QuantisedType#Q5_K].
  Q5_K(QuantisedType.Q5_K),
  /// ggml: see [QuantisedType#Q6_K].
  Q6_K(QuantisedType.Q6_K),
  /// ggml: see [QuantisedType#IQ4_NL].
  IQ4_NL(QuantisedType.IQ4_NL),
  /// ggml: see [QuantisedType#IQ4_XS].
  IQ4_XS(QuantisedType.IQ4_XS),
  /// ggml: see [QuantisedType#MXFP4].
  MXFP4(QuantisedType.MXFP4),
  /// ggml: see [QuantisedType#Q2_K].
  Q2_K(QuantisedType.Q2_K),
  /// ggml: see [QuantisedType#Q3_K].
  Q3_K(QuantisedType.Q3_K),
  /// ggml: see [QuantisedType#TQ1_0].
  TQ1_0(QuantisedType.TQ1_0),
  /// ggml: see [QuantisedType#TQ2_0].
  TQ2_0(QuantisedType.TQ2_0),

  /// ggml; not read.
  Q8_1(32, 36),
  /// ggml; not read.
  Q8_K(256, 292),
  /// ggml; not read.
  IQ1_S(256, 50),
  /// ggml; not read.
  IQ1_M(256, 56),
  /// ggml; not read.
  IQ2_XXS(256, 66),
  /// ggml; not read.
  IQ2_XS(256, 74),
  /// ggml; not read.
  IQ2_S(256, 82),
  /// ggml; not read.
  IQ3_XXS(256, 98),
  /// ggml; not read.
  IQ3_S(256, 110);

  private final int blockSize;
  private final int blockBytes;
  private final @Nullable QuantisedType quantised;

  DataType(int blockSize, int blockBytes) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
    this.quantised = null;
  }

  DataType(QuantisedType quantised) {
    this.blockSize = quantised.blockSize();
    this.blockBytes = quantised.blockBytes();
    this.quantised = quantised;
  }

  /// Elements that are encoded together; 1 for plain types.
  public int blockSize() {
    return blockSize;
  }

  /// Bytes of one block.
  public int blockBytes() {
    return blockBytes;
  }

  /// The block format of quantised types that can be read; empty for all others.
  public Optional<QuantisedType> quantised() {
    return Optional.ofNullable(quantised);
  }

  /// Whether tensors of this type can be read; others can only be listed.
  public boolean readable() {
    return FloatDecoders.of(this).isPresent();
  }

  /// Bytes that `elementCount` elements take.
  ///
  /// Throws `IllegalArgumentException` when the count is negative or splits a block, and
  /// `ArithmeticException` when the result does not fit a `long`.
  public long bytesFor(long elementCount) {
    if (elementCount < 0 || elementCount % blockSize != 0) {
      throw new IllegalArgumentException(
          this + " stores whole blocks of " + blockSize + " elements, found " + elementCount);
    }
    return Math.multiplyExact(elementCount / blockSize, (long) blockBytes);
  }

  /// The names of the readable types, for messages.
  static String readableNames() {
    return Arrays.stream(values())
        .filter(DataType::readable)
        .map(DataType::name)
        .collect(Collectors.joining(", "));
  }
}
