package dev.lengthwise;

import java.util.function.BooleanSupplier;

/// Ends a generation from another thread, or from the consumer of its text: asked before each part
/// of a prompt and before each token.
public final class CancelToken implements BooleanSupplier {

  private volatile boolean cancelled;

  /// A token that nobody has used yet.
  public CancelToken() {}

  /// Asks for the end; the generation that is asked ends with what it has.
  public void cancel() {
    cancelled = true;
  }

  /// Whether the end was asked for.
  @Override
  public boolean getAsBoolean() {
    return cancelled;
  }
}
