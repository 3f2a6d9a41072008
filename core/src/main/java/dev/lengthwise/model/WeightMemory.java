package dev.lengthwise.model;

/// What the weights of a model take, in bytes.
///
/// @param file what is used where it lies in the mapped file; the system may give these pages up
///     and read them again, at the price of speed
/// @param converted copies in another type or order than that of the file
/// @param repacked copies with 16 rows side by side, made when single tokens first need them
public record WeightMemory(long file, long converted, long repacked) {

  /// All together.
  public long total() {
    return file + converted + repacked;
  }
}
