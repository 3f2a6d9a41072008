package dev.lengthwise.checkpoint.gguf;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.RowSource;
import java.util.Map;

/// Which type each tensor of a GGUF file gets, as llama.cpp chooses it for a file of one type.
///
/// Norms, biases and other vectors are F32. A matrix gets the wanted type where its rows are whole
/// blocks of it. Where they are not, types with blocks of 256 give way to those that llama.cpp
/// takes, whose blocks are smaller, and whatever does not fit these either to F16.
///
/// @param wanted the type of the file: F32, F16, BF16 or a quantised one
public record GgufTypes(DataType wanted) {

  /// The version of ggml's block formats.
  public static final int QUANTIZATION_VERSION = 2;

  /// Numbers of llama.cpp's `llama_ftype`; for the types with variants that of the small one, whose
  /// tensors all have the same type.
  private static final Map<DataType, Integer> FILE_TYPES =
      Map.ofEntries(
          Map.entry(DataType.F32, 0),
          Map.entry(DataType.F16, 1),
          Map.entry(DataType.Q4_0, 2),
          Map.entry(DataType.Q4_1, 3),
          Map.entry(DataType.Q8_0, 7),
          Map.entry(DataType.Q5_0, 8),
          Map.entry(DataType.Q5_1, 9),
          Map.entry(DataType.Q2_K, 10),
          Map.entry(DataType.Q3_K, 11),
          Map.entry(DataType.Q4_K, 14),
          Map.entry(DataType.Q5_K, 16),
          Map.entry(DataType.Q6_K, 18),
          Map.entry(DataType.IQ4_NL, 25),
          Map.entry(DataType.IQ4_XS, 30),
          Map.entry(DataType.BF16, 32),
          Map.entry(DataType.TQ1_0, 36),
          Map.entry(DataType.TQ2_0, 37),
          Map.entry(DataType.MXFP4, 38));

  /// Checks that files can be of this type.
  public GgufTypes {
    if (!FILE_TYPES.containsKey(wanted)) {
      throw new IllegalArgumentException("no GGUF file is written as " + wanted);
    }
  }

  /// The value of `general.file_type`.
  public int fileType() {
    return FILE_TYPES.getOrDefault(wanted, 0);
  }

  /// The type that `tensor` gets.
  public DataType of(RowSource tensor) {
    if (tensor.shape().length < 2) {
      return DataType.F32;
    }
    if (fits(tensor, wanted)) {
      return wanted;
    }
    DataType smaller =
        switch (wanted) {
          case Q4_K -> DataType.Q5_0;
          case Q5_K -> DataType.Q5_1;
          case Q6_K -> DataType.Q8_0;
          case Q2_K, Q3_K, IQ4_XS -> DataType.IQ4_NL;
          case TQ1_0, TQ2_0 -> DataType.Q4_0;
          default -> DataType.F16;
        };
    return fits(tensor, smaller) ? smaller : DataType.F16;
  }

  private static boolean fits(RowSource tensor, DataType type) {
    return tensor.rowLength() % type.blockSize() == 0;
  }
}
