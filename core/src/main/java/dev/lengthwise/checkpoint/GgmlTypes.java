package dev.lengthwise.checkpoint;

import java.util.Optional;

/// The tensor types of ggml by number.
final class GgmlTypes {

  private GgmlTypes() {}

  /// The type with this number; empty when it is unknown or was withdrawn.
  static Optional<DataType> of(int number) {
    return switch (number) {
      case 0 -> Optional.of(DataType.F32);
      case 1 -> Optional.of(DataType.F16);
      case 2 -> Optional.of(DataType.Q4_0);
      case 3 -> Optional.of(DataType.Q4_1);
      case 6 -> Optional.of(DataType.Q5_0);
      case 7 -> Optional.of(DataType.Q5_1);
      case 8 -> Optional.of(DataType.Q8_0);
      case 9 -> Optional.of(DataType.Q8_1);
      case 10 -> Optional.of(DataType.Q2_K);
      case 11 -> Optional.of(DataType.Q3_K);
      case 12 -> Optional.of(DataType.Q4_K);
      case 13 -> Optional.of(DataType.Q5_K);
      case 14 -> Optional.of(DataType.Q6_K);
      case 15 -> Optional.of(DataType.Q8_K);
      case 16 -> Optional.of(DataType.IQ2_XXS);
      case 17 -> Optional.of(DataType.IQ2_XS);
      case 18 -> Optional.of(DataType.IQ3_XXS);
      case 19 -> Optional.of(DataType.IQ1_S);
      case 20 -> Optional.of(DataType.IQ4_NL);
      case 21 -> Optional.of(DataType.IQ3_S);
      case 22 -> Optional.of(DataType.IQ2_S);
      case 23 -> Optional.of(DataType.IQ4_XS);
      case 24 -> Optional.of(DataType.I8);
      case 25 -> Optional.of(DataType.I16);
      case 26 -> Optional.of(DataType.I32);
      case 27 -> Optional.of(DataType.I64);
      case 28 -> Optional.of(DataType.F64);
      case 29 -> Optional.of(DataType.IQ1_M);
      case 30 -> Optional.of(DataType.BF16);
      case 34 -> Optional.of(DataType.TQ1_0);
      case 35 -> Optional.of(DataType.TQ2_0);
      case 39 -> Optional.of(DataType.MXFP4);
      default -> Optional.empty();
    };
  }
}
