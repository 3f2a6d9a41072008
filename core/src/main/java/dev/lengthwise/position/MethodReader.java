package dev.lengthwise.position;

/// Makes a method from its text, `name:key=value,…`, for a model.
///
/// It lets a checkpoint's own declaration become a method without its reader knowing the catalogue
/// of methods.
@FunctionalInterface
public interface MethodReader {

  /// The method that `text` names, with defaults taken from `shape`.
  PositionMethod read(String text, ModelShape shape);
}
