package dev.lengthwise.position;

/// Which keys a cache must hold: the first `prefix` of the text for ever, and of the others the
/// last `window`.
///
/// A query at index `i` sees no key outside `[0, prefix) ∪ (i − window, i]`.
///
/// @param prefix number of first keys that stay; [Bounds#UNBOUNDED] when every key stays
/// @param window number of last keys that a query can see, itself included
public record Retention(long prefix, long window) {

  /// Whether no key is ever dropped.
  public boolean keepsAll() {
    return prefix == Bounds.UNBOUNDED || window == Bounds.UNBOUNDED;
  }

  /// What satisfies this and `other`.
  public Retention and(Retention other) {
    return new Retention(Math.max(prefix, other.prefix), Math.max(window, other.window));
  }

  /// The first index after the prefix that a query at `query` or later can see.
  public long firstVisible(long query) {
    return keepsAll() ? 0 : Math.max(0, query - window + 1);
  }
}
