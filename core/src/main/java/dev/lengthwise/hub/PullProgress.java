package dev.lengthwise.hub;

/// Is told how far a file has come.
@FunctionalInterface
public interface PullProgress {

  /// Hears of some more bytes; the first call of a file may come with bytes of an earlier pull.
  ///
  /// @param path of the file
  /// @param done bytes that are there
  /// @param size all its bytes
  void accept(String path, long done, long size);
}
