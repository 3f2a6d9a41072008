package dev.lengthwise.cache;

import dev.lengthwise.attention.HeldTokens;
import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Retention;
import dev.lengthwise.torch.ComputeDevice;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Keys, not rotated, and values of one text as tensors on the device of the model.
///
/// Rows are first the tokens that stay for ever, then a run of recent ones. Memory doubles when it
/// is full; recent rows move to the front when half of the memory holds tokens that nothing to come
/// can see, so that a token costs a bounded number of copies.
public final class KeyValueTensors implements KeyValueStore {

  static final int FIRST_CAPACITY = 256;

  private final KeyValueShape shape;
  private final ComputeDevice device;
  private final ScalarType type;
  private Tensor keys; // [1, capacity, heads, headSize]
  private Tensor values; // [1, capacity, heads, valueSize]
  private long length;
  private int prefix; // rows of tokens that stay for ever
  private long firstRecent; // position of the first row after them

  /// Memory for no tokens yet.
  ///
  /// @param shape sizes, and f32 or bf16
  public KeyValueTensors(KeyValueShape shape, ComputeDevice device) {
    this.shape = shape;
    this.device = device;
    this.type =
        switch (shape.type()) {
          case F32 -> ScalarType.Float;
          case BF16 -> ScalarType.BFloat16;
          case Q8_0 -> throw new IllegalArgumentException("tensors hold f32 or bf16, not q8_0");
        };
    this.keys = empty(FIRST_CAPACITY, shape.headSize());
    this.values = empty(FIRST_CAPACITY, shape.valueSize());
  }

  private Tensor empty(int capacity, int size) {
    try (PointerScope _ = new PointerScope()) {
      long[] sizes = {1, capacity, shape.heads(), size};
      return device
          .place(torch.empty(sizes, new TensorOptions(type), new MemoryFormatOptional()))
          .retainReference();
    }
  }

  @Override
  public int heads() {
    return shape.heads();
  }

  @Override
  public long length() {
    return length;
  }

  private int recent() {
    return (int) (length - firstRecent);
  }

  @Override
  public HeldTokens held() {
    return new HeldTokens(prefix, firstRecent, length);
  }

  private int heldRows() {
    return prefix + recent();
  }

  @Override
  public long bytes() {
    return keys.nbytes() + values.nbytes();
  }

  /// All of it: a fork is a copy.
  @Override
  public long heldBytes() {
    return bytes();
  }

  @Override
  public void append(Tensor newKeys, Tensor newValues) {
    int tokens = (int) newKeys.size(0);
    makeRoom(heldRows() + tokens);
    try (PointerScope _ = new PointerScope()) {
      keys.narrow(1, heldRows(), tokens).copy_(newKeys.unsqueeze(0));
      values.narrow(1, heldRows(), tokens).copy_(newValues.unsqueeze(0));
    }
    length += tokens;
  }

  private void makeRoom(int needed) {
    int capacity = (int) keys.size(1);
    if (needed <= capacity) {
      return;
    }
    int larger = Math.max(2 * capacity, needed);
    keys = moved(keys, empty(larger, shape.headSize()));
    values = moved(values, empty(larger, shape.valueSize()));
  }

  private Tensor moved(Tensor from, Tensor to) {
    try (PointerScope _ = new PointerScope()) {
      to.narrow(1, 0, heldRows()).copy_(from.narrow(1, 0, heldRows()));
    }
    from.releaseReference();
    return to;
  }

  @Override
  public void drop(AttentionPlan plan, long oldestQuery) {
    Retention retention = plan.retention();
    if (retention.keepsAll()) {
      return;
    }
    if (prefix == 0 && firstRecent == 0) {
      takePrefix(retention.prefix());
    }
    long firstVisible = Math.min(retention.firstVisible(oldestQuery), length);
    int unseen = (int) Math.max(0, firstVisible - firstRecent);
    if (unseen * 2L >= keys.size(1)) {
      forget(unseen);
    }
  }

  // The first tokens are rows 0, 1, … anyway: they only stop to count as recent.
  private void takePrefix(long wanted) {
    if (length >= wanted) {
      prefix = (int) wanted;
      firstRecent = wanted;
    }
  }

  private void forget(int unseen) {
    int left = recent() - unseen;
    try (PointerScope _ = new PointerScope()) {
      for (Tensor rows : List.of(keys, values)) {
        rows.narrow(1, prefix, left).copy_(rows.narrow(1, (long) prefix + unseen, left).clone());
      }
    }
    firstRecent += unseen;
  }

  @Override
  public void skipUnseen(AttentionPlan plan, long query) {
    Retention retention = plan.retention();
    drop(plan, Math.min(query, length));
    long first = Math.min(retention.firstVisible(query), query);
    if (!retention.keepsAll() && length >= retention.prefix() && first > length) {
      firstRecent = first;
      length = first;
    }
  }

  /// A copy.
  @Override
  public KeyValueTensors fork() {
    KeyValueTensors fork = new KeyValueTensors(shape, device);
    fork.makeRoom((int) keys.size(1));
    try (PointerScope _ = new PointerScope()) {
      fork.keys.narrow(1, 0, heldRows()).copy_(keys.narrow(1, 0, heldRows()));
      fork.values.narrow(1, 0, heldRows()).copy_(values.narrow(1, 0, heldRows()));
    }
    fork.length = length;
    fork.prefix = prefix;
    fork.firstRecent = firstRecent;
    return fork;
  }

  @Override
  public boolean holdsFor(AttentionPlan plan, long query) {
    return firstRecent == prefix || firstRecent <= plan.retention().firstVisible(query);
  }

  @Override
  public void truncate(long newLength) {
    if (newLength < 0 || newLength > length) {
      throw new IllegalArgumentException("cannot go from length " + length + " to " + newLength);
    }
    if (newLength < firstRecent) {
      if (firstRecent != prefix) {
        throw new IllegalArgumentException("token " + newLength + " is no longer held");
      }
      prefix = 0;
      firstRecent = 0;
    }
    length = newLength;
  }

  @Override
  public KeyValueRows rows() {
    List<KeySpan> spans = new ArrayList<>();
    if (prefix > 0) {
      spans.add(new KeySpan(0, 0, prefix));
    }
    if (recent() > 0) {
      spans.add(new KeySpan(firstRecent, prefix, recent()));
    }
    return new KeyValueRows(keys, values, spans);
  }

  @Override
  public void close() {
    keys.releaseReference();
    values.releaseReference();
  }
}
