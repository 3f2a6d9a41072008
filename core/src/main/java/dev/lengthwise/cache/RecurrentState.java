package dev.lengthwise.cache;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.recurrence.ComplexTensor;
import dev.lengthwise.recurrence.LinearScan;
import java.io.DataInput;
import java.io.DataOutput;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The state of a linear recurrence of one layer for one text: of the same size however long the
/// text is.
public final class RecurrentState implements LayerState {

  private static final long NONE = -1;

  private @Nullable ComplexTensor now; // [1, channels]; null before the first token
  private @Nullable ComplexTensor marked;
  private long length;
  private long mark = NONE; // where `marked` is, or will be, the state

  /// Goes on with the next tokens.
  ///
  /// @param inputs `[1, tokens, channels]`
  /// @param decay `[channels]`
  /// @return the states after every token, `[1, tokens, channels]`
  public ComplexTensor advance(ComplexTensor inputs, ComplexTensor decay) {
    ComplexTensor states = LinearScan.states(inputs, decay, now);
    long tokens = states.real().size(1);
    if (mark > length && mark <= length + tokens) {
      marked = after(states, mark - length);
    }
    release(now);
    now = after(states, tokens);
    length += tokens;
    return states;
  }

  // The state after the first `tokens` tokens.
  private static ComplexTensor after(ComplexTensor states, long tokens) {
    try (PointerScope _ = new PointerScope()) {
      return new ComplexTensor(
          kept(states.real().select(1, tokens - 1)),
          kept(states.imaginary().select(1, tokens - 1)));
    }
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
  public long heldBytes() {
    return bytes();
  }

  @Override
  public void mark(int ahead) {
    release(marked);
    marked = ahead == 0 ? copy(now) : null;
    mark = length + ahead;
  }

  /// A recurrence keeps no past: it can stay where it is, or go back to the mark.
  @Override
  public boolean canRewind(AttentionPlan plan, long to) {
    return to == length || (to == mark && mark <= length);
  }

  @Override
  public void rewind(long to) {
    if (to == length) {
      return;
    }
    if (to != mark || mark > length) {
      throw new IllegalStateException("rewind without mark");
    }
    release(now);
    now = marked;
    length = mark;
    marked = null;
    mark = NONE;
  }

  @Override
  public RecurrentState fork() {
    RecurrentState fork = new RecurrentState();
    fork.now = copy(now);
    fork.length = length;
    return fork;
  }

  @Override
  public void write(DataOutput out) {
    throw notWritten();
  }

  @Override
  public void read(DataInput in, long tokens) {
    throw notWritten();
  }

  private static LengthwiseException notWritten() {
    return new LengthwiseException(
        "The model has recurrences, whose states are not saved; read the text again instead");
  }

  @Override
  public void close() {
    release(now);
    release(marked);
    now = null;
    marked = null;
  }
}
