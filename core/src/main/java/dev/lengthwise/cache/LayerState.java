package dev.lengthwise.cache;

/// What one layer remembers of one text.
public sealed interface LayerState extends AutoCloseable permits KeyValueCache, RecurrentState {

  /// Bytes of memory that it takes.
  long bytes();

  /// Keeps what is needed to come back to this point with [#rewind].
  void mark();

  /// Forgets every token since [#mark], which then no longer holds.
  void rewind();

  @Override
  void close();
}
