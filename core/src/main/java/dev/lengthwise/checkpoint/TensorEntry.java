package dev.lengthwise.checkpoint;

import dev.lengthwise.LengthwiseException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;

/// One named tensor as it lies in a file (or, for writing, in memory).
///
/// @param name its name in the file
/// @param type encoding of the elements
/// @param shape row-major, outermost dimension first, as in Hugging Face files; empty for a scalar
/// @param data the stored bytes, exactly as many as type and shape need
/// @param source the file it is from, for messages The shape is a long[] because libtorch takes it
///     as one; it is copied on the way in and out.
@SuppressWarnings("ArrayRecordComponent")
public record TensorEntry(
    String name, DataType type, long[] shape, MemorySegment data, String source) {

  /// Copies the shape and checks it against the bytes.
  public TensorEntry {
    shape = shape.clone();
    long expected = type.bytesFor(elementsOf(shape));
    if (data.byteSize() != expected) {
      throw new IllegalArgumentException(
          "tensor \"" + name + "\" needs " + expected + " bytes, found " + data.byteSize());
    }
  }

  /// A tensor in memory.
  public TensorEntry(String name, DataType type, long[] shape, MemorySegment data) {
    this(name, type, shape, data, "memory");
  }

  /// A vector of floats in memory.
  public static TensorEntry ofFloats(String name, float[] values) {
    return ofFloats(name, values, values.length);
  }

  /// Floats in memory, row-major.
  public static TensorEntry ofFloats(String name, float[] values, long... shape) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    MemorySegment data = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      data.set(LittleEndian.F32, (long) i * Float.BYTES, values[i]);
    }
    return new TensorEntry(name, DataType.F32, shape, data);
  }

  /// A copy of the shape, outermost dimension first.
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /// Number of elements; 1 for a scalar.
  public long elements() {
    return elementsOf(shape);
  }

  /// Elements of a row: the last dimension; 1 for a scalar.
  public long rowLength() {
    return shape.length == 0 ? 1 : shape[shape.length - 1];
  }

  /// Number of rows, over all dimensions but the last.
  public long rows() {
    return rowLength() == 0 ? 0 : elements() / rowLength();
  }

  /// What lies at an index of the first dimension, which must be whole blocks. Bytes are shared.
  ///
  /// Throws `IndexOutOfBoundsException` outside of the first dimension, which a scalar has not.
  public TensorEntry at(int index) {
    Objects.checkIndex(index, shape.length == 0 ? 0 : shape[0]);
    long[] inner = Arrays.copyOfRange(shape, 1, shape.length);
    long bytes = type.bytesFor(elementsOf(inner));
    return new TensorEntry(name, type, inner, data.asSlice(index * bytes, bytes), source);
  }

  /// Decodes one row, which must be whole blocks, to floats.
  ///
  /// @param values as long as a row
  ///
  /// Throws [LengthwiseException] when the type cannot be read.
  public void readRow(long row, float[] values) {
    long bytes = type.bytesFor(rowLength());
    requireReadable()
        .decode(data.asSlice(row * bytes, bytes), rowLength(), MemorySegment.ofArray(values));
  }

  /// This tensor for libtorch.
  ///
  /// Plain types keep their dtype and share the stored bytes, so the result is **read-only** and
  /// valid only until the checkpoint is closed; where the bytes are not aligned for the element
  /// type they are copied. Quantised types are dequantised into a new f32 tensor. The result
  /// belongs to the innermost open `PointerScope`.
  ///
  /// Throws [LengthwiseException] when the type cannot be read.
  public Tensor toTensor() {
    return EntryTensors.tensorOf(this);
  }

  /// All elements as floats, row-major, for small tensors. Throws [LengthwiseException] when the
  /// type cannot be read or the tensor does not fit an array.
  public float[] toFloats() {
    if (elements() > Integer.MAX_VALUE - 8) {
      throw new LengthwiseException(
          "Tensor \""
              + name
              + "\" of "
              + source
              + " has "
              + elements()
              + " elements, too many for one Java array.");
    }
    float[] floats = new float[(int) elements()];
    decodeTo(MemorySegment.ofArray(floats));
    return floats;
  }

  /// Decodes every element to floats in native order.
  void decodeTo(MemorySegment floats) {
    requireReadable().decode(data, elements(), floats);
  }

  private FloatDecoder requireReadable() {
    return FloatDecoders.of(type)
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "Tensor \""
                        + name
                        + "\" of "
                        + source
                        + " is stored as "
                        + type
                        + ", which cannot be read; expected one of "
                        + DataType.readableNames()
                        + ". Convert the file to one of these."));
  }

  /// The product of the dimensions.
  ///
  /// Throws `IllegalArgumentException` for a negative dimension and `ArithmeticException` when
  /// even the product of the non-zero dimensions does not fit a `long`, because strides would not.
  public static long elementsOf(long[] shape) {
    long product = 1;
    boolean empty = false;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "negative dimension in the shape " + Arrays.toString(shape));
      }
      empty |= size == 0;
      product = Math.multiplyExact(product, Math.max(size, 1));
    }
    return empty ? 0 : product;
  }

  @Override
  public String toString() {
    return name + " " + type + Arrays.toString(shape);
  }
}
