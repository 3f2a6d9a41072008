package dev.lengthwise.encode;

/// How vectors are stored. Cosines of stored vectors stand for those of the vectors.
public enum VectorType {
  /// As they are.
  F32,
  /// `round(127 · v / max|v|)`, with a factor `max|v| / 127` for each vector.
  INT8,
  /// One bit for each number, set where it is above 0; the first number is the highest bit of the
  /// first byte, as numpy packs bits.
  BINARY;

  private static final int MOST = 127;
  private static final int BITS = 8;

  /// Bytes of a vector that are written as whole numbers.
  ///
  /// @throws IllegalStateException of [#F32]
  public byte[] bytes(float[] vector) {
    return switch (this) {
      case F32 -> throw new IllegalStateException("vectors in f32 are no whole numbers");
      case INT8 -> eight(vector);
      case BINARY -> bits(vector);
    };
  }

  /// The factor of a vector in [#INT8].
  public static float scale(float[] vector) {
    float most = 0;
    for (float number : vector) {
      most = Math.max(most, Math.abs(number));
    }
    return most / MOST;
  }

  /// The vector as it is read back, but for a positive factor.
  public float[] stored(float[] vector) {
    return switch (this) {
      case F32 -> vector;
      case INT8 -> {
        byte[] eight = eight(vector);
        float[] numbers = new float[eight.length];
        for (int n = 0; n < numbers.length; n++) {
          numbers[n] = eight[n];
        }
        yield numbers;
      }
      case BINARY -> {
        float[] signs = new float[vector.length];
        for (int n = 0; n < signs.length; n++) {
          signs[n] = vector[n] > 0 ? 1 : -1;
        }
        yield signs;
      }
    };
  }

  private static byte[] eight(float[] vector) {
    float scale = scale(vector);
    byte[] bytes = new byte[vector.length];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = scale == 0 ? 0 : (byte) Math.round(vector[n] / scale);
    }
    return bytes;
  }

  private static byte[] bits(float[] vector) {
    byte[] bytes = new byte[(vector.length + BITS - 1) / BITS];
    for (int n = 0; n < vector.length; n++) {
      if (vector[n] > 0) {
        bytes[n / BITS] |= (byte) (1 << (BITS - 1 - n % BITS));
      }
    }
    return bytes;
  }
}
