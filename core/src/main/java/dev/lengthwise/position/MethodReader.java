package dev.lengthwise.position;

/// Makes a method of its value, for a model.
///
/// It lets a checkpoint's own declaration become a method without its reader knowing the catalogue
/// of methods.
@FunctionalInterface
public interface MethodReader {

  /// The method that `value` stands for, with defaults taken from `shape`.
  PositionMethod read(MethodValue value, ModelShape shape);
}
