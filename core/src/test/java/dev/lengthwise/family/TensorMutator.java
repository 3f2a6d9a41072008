package dev.lengthwise.family;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.family.ModelInPieces.Piece;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/// Changes the tensors of a checkpoint: their names, number, types, shapes or bytes.
///
/// @param random makes every choice
record TensorMutator(Random random) {

  /// Changes one thing in `tensors` and says what.
  String mutate(List<Piece> tensors) {
    int index = random.nextInt(tensors.size());
    Piece piece = tensors.get(index);
    Piece other = one(tensors);
    return switch (random.nextInt(7)) {
      case 0 -> {
        tensors.remove(index);
        yield "without " + piece.name();
      }
      case 1 -> {
        tensors.add(piece);
        yield "twice " + piece.name();
      }
      case 2 -> replaced(tensors, index, named(piece, other.name()));
      case 3 -> replaced(tensors, index, named(piece, name(piece.name())));
      case 4 -> replaced(tensors, index, shaped(piece));
      case 5 -> replaced(tensors, index, typed(piece, one(ModelInPieces.TYPES.keySet())));
      default -> {
        byte[] bytes = piece.data().clone();
        damage(bytes);
        Piece damaged = new Piece(piece.name(), piece.type(), piece.shape(), bytes);
        yield replaced(tensors, index, damaged) + " with other bytes";
      }
    };
  }

  private static String replaced(List<Piece> tensors, int index, Piece piece) {
    Piece before = tensors.set(index, piece);
    return describe(before) + " → " + describe(piece);
  }

  private static String describe(Piece piece) {
    return "%s %s%s".formatted(piece.name(), piece.type(), piece.shape());
  }

  private static Piece named(Piece piece, String name) {
    return new Piece(name, piece.type(), piece.shape(), piece.data());
  }

  private String name(String name) {
    return switch (random.nextInt(8)) {
      case 0 -> name.replaceAll("\\d+", "7");
      case 1 -> name.replaceAll("\\d+", "999999999");
      case 2 -> name.replaceAll("\\d+", "99999999999999999999");
      case 3 -> name.replaceAll("\\d+", "-1");
      case 4 -> name.replace("weight", "bias");
      case 5 -> name.replace("weight", "weight_scale_inv");
      case 6 -> "";
      default -> name.substring(name.indexOf('.') + 1);
    };
  }

  // The same bytes under another shape, or bytes for it.
  private Piece shaped(Piece piece) {
    List<Long> shape = new ArrayList<>(piece.shape());
    switch (random.nextInt(9)) {
      case 0 -> Collections.reverse(shape);
      case 1 -> shape.add(1L);
      case 2 -> shape.addFirst(1L);
      case 3 -> shape.add(0L);
      case 4 -> shape.replaceAll(_ -> 1L << 40);
      case 5 -> shape.set(0, -shape.getFirst());
      case 6 -> shape.set(0, shape.getFirst() + 1);
      case 7 -> shape = new ArrayList<>(List.of(product(shape)));
      default -> shape.clear();
    }
    return fitting(piece.name(), piece.type(), shape, piece.data());
  }

  private static long product(List<Long> shape) {
    return shape.stream().reduce(1L, (one, other) -> one * other);
  }

  private static Piece typed(Piece piece, DataType type) {
    return fitting(piece.name(), type, piece.shape(), piece.data());
  }

  // Bytes as many as type and shape need, where that is a number one can have.
  private static Piece fitting(String name, DataType type, List<Long> shape, byte[] data) {
    long elements = product(shape);
    boolean whole = elements >= 0 && elements < 1 << 20 && elements % type.blockSize() == 0;
    byte[] bytes = whole ? Arrays.copyOf(data, (int) type.bytesFor(elements)) : data;
    return new Piece(name, type, shape, bytes);
  }

  private void damage(byte[] bytes) {
    int value = one(List.of(0, 0xff, 0x7f, 0x80));
    int from = random.nextInt(bytes.length + 1);
    Arrays.fill(bytes, from, Math.min(bytes.length, from + 8), (byte) value);
  }

  private <T> T one(Collection<? extends T> choices) {
    List<T> ordered = new ArrayList<>(choices);
    return ordered.get(random.nextInt(ordered.size()));
  }
}
