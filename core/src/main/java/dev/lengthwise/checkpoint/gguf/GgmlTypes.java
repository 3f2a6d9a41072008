package dev.lengthwise.checkpoint.gguf;

import dev.lengthwise.checkpoint.DataType;
import java.util.Map;
import java.util.Optional;

/// The tensor types of ggml by number.
final class GgmlTypes {

  private static final Map<Integer, DataType> BY_NUMBER =
      Map.ofEntries(
          Map.entry(0, DataType.F32),
          Map.entry(1, DataType.F16),
          Map.entry(2, DataType.Q4_0),
          Map.entry(3, DataType.Q4_1),
          Map.entry(6, DataType.Q5_0),
          Map.entry(7, DataType.Q5_1),
          Map.entry(8, DataType.Q8_0),
          Map.entry(9, DataType.Q8_1),
          Map.entry(10, DataType.Q2_K),
          Map.entry(11, DataType.Q3_K),
          Map.entry(12, DataType.Q4_K),
          Map.entry(13, DataType.Q5_K),
          Map.entry(14, DataType.Q6_K),
          Map.entry(15, DataType.Q8_K),
          Map.entry(16, DataType.IQ2_XXS),
          Map.entry(17, DataType.IQ2_XS),
          Map.entry(18, DataType.IQ3_XXS),
          Map.entry(19, DataType.IQ1_S),
          Map.entry(20, DataType.IQ4_NL),
          Map.entry(21, DataType.IQ3_S),
          Map.entry(22, DataType.IQ2_S),
          Map.entry(23, DataType.IQ4_XS),
          Map.entry(24, DataType.I8),
          Map.entry(25, DataType.I16),
          Map.entry(26, DataType.I32),
          Map.entry(27, DataType.I64),
          Map.entry(28, DataType.F64),
          Map.entry(29, DataType.IQ1_M),
          Map.entry(30, DataType.BF16),
          Map.entry(34, DataType.TQ1_0),
          Map.entry(35, DataType.TQ2_0),
          Map.entry(39, DataType.MXFP4));

  private GgmlTypes() {}

  /// The type with this number; empty when it is unknown or was withdrawn.
  static Optional<DataType> of(int number) {
    return Optional.ofNullable(BY_NUMBER.get(number));
  }

  /// The number of a type; `IllegalArgumentException` where ggml has no such type.
  static int numberOf(DataType type) {
    return BY_NUMBER.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("ggml has no type " + type))
        .getKey();
  }
}
