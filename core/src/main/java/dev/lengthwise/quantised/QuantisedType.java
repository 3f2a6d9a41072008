package dev.lengthwise.quantised;

/// The block formats of ggml that can be read and written here.
///
/// A block stores [#blockSize] weights, neighbours in a row, in [#blockBytes] bytes. Formats and
/// names are those of ggml (`ggml-common.h` of llama.cpp). Codecs hold no state, but an interface
/// cannot promise that to the compiler.
@SuppressWarnings("ImmutableEnumChecker")
public enum QuantisedType {
  /// Signed bytes and one scale: `w = d · q`.
  Q8_0(32, 34, new EightBitCodec()),
  /// Four bits and one scale: `w = d · (q − 8)`.
  Q4_0(32, 18, new SymmetricCodec(new BitBlock(4))),
  /// Four bits, a scale and a minimum: `w = d · q + m`.
  Q4_1(32, 20, new AffineCodec(new BitBlock(4))),
  /// Five bits and one scale: `w = d · (q − 16)`.
  Q5_0(32, 22, new SymmetricCodec(new BitBlock(5))),
  /// Five bits, a scale and a minimum: `w = d · q + m`.
  Q5_1(32, 24, new AffineCodec(new BitBlock(5))),
  /// Four bits; every 32 weights have a six-bit scale and minimum of their own.
  Q4_K(256, 144, SuperBlockCodec.FOUR_BITS),
  /// Five bits; every 32 weights have a six-bit scale and minimum of their own.
  Q5_K(256, 176, SuperBlockCodec.FIVE_BITS),
  /// Six bits; every 16 weights have an eight-bit scale of their own.
  Q6_K(256, 210, new SixBitCodec()),
  /// Four bits that choose from 16 unevenly spaced levels, and one scale.
  IQ4_NL(32, 18, new NonlinearCodec()),
  /// The same levels; every 32 weights have a six-bit scale of their own.
  IQ4_XS(256, 136, new NonlinearSuperCodec()),
  /// Floats of four bits, and one power of two (GPT-OSS).
  MXFP4(32, 17, new FourBitFloatCodec()),
  /// Two bits; every 16 weights have a four-bit scale and minimum of their own.
  Q2_K(256, 84, new TwoBitCodec()),
  /// Three bits; every 16 weights have a six-bit scale of their own.
  Q3_K(256, 110, new ThreeBitCodec()),
  /// −1, 0 or 1 in base 3, and one scale: `w = d · (q − 1)`.
  TQ1_0(256, 54, new TernaryCodec(new TernaryCodec.Fives())),
  /// The same numbers with two bits each.
  TQ2_0(256, 66, new TernaryCodec(new TernaryCodec.Pairs()));

  private final int blockSize;
  private final int blockBytes;
  private final BlockCodec codec;

  QuantisedType(int blockSize, int blockBytes, BlockCodec codec) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
    this.codec = codec;
  }

  /// Weights in a block: 32 or 256.
  public int blockSize() {
    return blockSize;
  }

  /// Bytes of a block.
  public int blockBytes() {
    return blockBytes;
  }

  /// What reads and writes its blocks.
  public BlockCodec codec() {
    return codec;
  }
}
