package dev.lengthwise.batch;

import dev.lengthwise.generate.Sequence;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Begins of prompts that have been read, for later prompts that begin in the same way.
///
/// What is kept is a sequence at a cut ([PromptCuts]), which shares its pages with the text that
/// read it. A prompt takes the longest one that it begins with; under methods that drop nothing,
/// a part of one as well, up to a cut. Its bits are those of reading: both were cut in the same
/// places, and ran under the same model, method and type of cache.
///
/// The one that was used longest ago goes first. For the thread of a scheduler alone.
final class PrefixCache implements AutoCloseable {

  private final long mostBytes;
  private final PromptCuts cuts;
  private final List<Prefix> kept = new ArrayList<>(); // the one used last is the last
  private long bytes;

  /// @param mostBytes of what is kept, as if nothing of it were shared; 0 keeps nothing
  PrefixCache(long mostBytes, PromptCuts cuts) {
    this.mostBytes = mostBytes;
    this.cuts = cuts;
  }

  /// A begin that has been read.
  ///
  /// @param sequence at its end
  private record Prefix(ReadingKey key, Sequence sequence, long bytes) {}

  /// What is known of a prompt.
  ///
  /// @param sequence for the caller, at the end of what it can take; empty where there is nothing
  /// @param branch the last cut that it shares with another prompt: the next one gets so far where
  ///     this text keeps it
  record Found(Optional<Sequence> sequence, int branch) {}

  /// Looks for the begin of a prompt.
  Found find(ReadingKey prompt) {
    @Nullable Prefix best = null;
    int taken = 0;
    int branch = 0;
    for (Prefix prefix : kept) {
      int shared = prompt.sharedCut(prefix.key(), cuts);
      branch = Math.max(branch, shared);
      if (shared > taken && prefix.sequence().canRewind(shared)) {
        best = prefix;
        taken = shared;
      }
    }
    if (best == null) {
      return new Found(Optional.empty(), branch);
    }
    kept.remove(best);
    kept.add(best);
    return new Found(Optional.of(upTo(taken, best.sequence().fork())), branch);
  }

  private static Sequence upTo(int tokens, Sequence fork) {
    boolean done = false;
    try {
      fork.rewind(tokens);
      done = true;
      return fork;
    } finally {
      if (!done) {
        fork.close();
      }
    }
  }

  /// The longest begin of a prompt that is kept as it is: a fork for the caller.
  Optional<KeptPrompt> longest(ReadingKey prompt) {
    return longestKept(prompt)
        .map(
            prefix ->
                new KeptPrompt(
                    prefix.key().declared(), prefix.key().ids(), prefix.sequence().fork()));
  }

  private Optional<Prefix> longestKept(ReadingKey prompt) {
    return kept.stream()
        .filter(prefix -> prompt.common(prefix.key()) == prefix.key().ids().length)
        .max(Comparator.comparingInt(prefix -> prefix.key().ids().length));
  }

  /// Lets go of the longest begin of a prompt that is kept.
  ///
  /// @return its tokens
  int forget(ReadingKey prompt) {
    Optional<Prefix> found = longestKept(prompt);
    found.filter(kept::remove).ifPresent(this::released);
    return found.map(prefix -> prefix.key().ids().length).orElse(0);
  }

  /// Keeps what a text has read of its prompt up to now, which must be a cut.
  void keep(ReadingKey prompt, Sequence sequence) {
    ReadingKey key = prompt.first(Math.toIntExact(sequence.length()));
    if (mostBytes == 0 || key.ids().length == 0 || kept.stream().anyMatch(it -> holds(it, key))) {
      return;
    }
    long held = sequence.heldBytes();
    if (held > mostBytes) {
      return; // it would take the place of all others, and then its own
    }
    Prefix prefix = new Prefix(key, sequence.fork(), held);
    kept.removeIf(older -> holds(prefix, older.key()) && released(older));
    kept.add(prefix);
    bytes += prefix.bytes();
    shrink(mostBytes);
  }

  // Whether everything that begins as `key` can be had from a prefix.
  private static boolean holds(Prefix prefix, ReadingKey key) {
    int length = key.ids().length;
    return key.common(prefix.key()) == length && prefix.sequence().canRewind(length);
  }

  /// Lets go until at most so many bytes are kept.
  void shrink(long most) {
    while (bytes > most && !kept.isEmpty()) {
      released(kept.removeFirst());
    }
  }

  private boolean released(Prefix prefix) {
    bytes -= prefix.bytes();
    prefix.sequence().close();
    return true;
  }

  /// Bytes of what is kept, as if nothing of it were shared.
  long bytes() {
    return bytes;
  }

  @Override
  public void close() {
    shrink(-1);
  }
}
