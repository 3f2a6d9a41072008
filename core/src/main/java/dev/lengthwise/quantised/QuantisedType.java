package dev.lengthwise.quantised;

/// The block formats of ggml that can be read and written here.
///
/// A block stores [#blockSize] weights, neighbours in a row, in [#blockBytes] bytes. Formats and
/// names are those of ggml (`ggml-common.h` of llama.cpp).
// Codecs hold no state, but an interface cannot promise that to the compiler.
@SuppressWarnings("ImmutableEnumChecker")
public enum QuantisedType {
  /// Signed bytes and one scale: `w = d · q`.
  Q8_0(32, 34, new EightBitCodec()),
  /// Four bits and one scale: `w = d · (q − 8)`.
  Q4_0(32, 18, new SymmetricCodec(new BitBlock(4)));

  private final int blockSize;
  private final int blockBytes;
  private final BlockCodec codec;

  QuantisedType(int blockSize, int blockBytes, BlockCodec codec) {
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
    this.codec = codec;
  }

  /// Weights in a block: 32, or 256 for the types whose names end in `K`.
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
