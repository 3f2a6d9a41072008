package dev.lengthwise.cache;

import dev.lengthwise.recurrence.ComplexTensor;
import dev.lengthwise.recurrence.LinearScan;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The state of a linear recurrence of one layer for one text: of the same size however long the
/// text is.
public final class RecurrentState implements LayerState {

  private @Nullable ComplexTensor now; // [1, channels]; null before the first token
  private @Nullable ComplexTensor marked;
  private boolean hasMark;

  /// Goes on with the next tokens.
  ///
  /// @param inputs `[1, tokens, channels]`
  /// @param decay `[channels]`
  /// @return the states after every token, `[1, tokens, channels]`
  public ComplexTensor advance(ComplexTensor inputs, ComplexTensor decay) {
    ComplexTensor states = LinearScan.states(inputs, decay, now);
    long last = states.real().size(1) - 1;
    try (PointerScope _ = new PointerScope()) {
      release(now);
      now =
          new ComplexTensor(
              kept(states.real().select(1, last)), kept(states.imaginary().select(1, last)));
    }
    return states;
  }

  // A copy that outlives every scope.
  private static Tensor kept(Tensor tensor) {
    return tensor.detach().clone().retainReference();
  }

  private static @Nullable ComplexTensor copy(@Nullable ComplexTensor numbers) {
    try (PointerScope _ = new PointerScope()) {
      return numbers == null
          ? null
          : new ComplexTensor(kept(numbers.real()), kept(numbers.imaginary()));
    }
  }

  private static void release(@Nullable ComplexTensor numbers) {
    if (numbers != null) {
      numbers.real().releaseReference();
      numbers.imaginary().releaseReference();
    }
  }

  @Override
  public long bytes() {
    return now == null ? 0 : now.real().nbytes() + now.imaginary().nbytes();
  }

  @Override
  public void mark() {
    release(marked);
    marked = copy(now);
    hasMark = true;
  }

  @Override
  public void rewind() {
    if (!hasMark) {
      throw new IllegalStateException("rewind without mark");
    }
    release(now);
    now = marked;
    marked = null;
    hasMark = false;
  }

  @Override
  public void close() {
    release(now);
    release(marked);
    now = null;
    marked = null;
  }
}
