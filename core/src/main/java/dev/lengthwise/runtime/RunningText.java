package dev.lengthwise.runtime;

import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.tokenizer.IntList;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// One text: all of its ids, the first of which a sequence has read. The others wait for the next
/// pass, so that adding, taking back and changing the method cost nothing by themselves.
///
/// What cannot be taken back in the caches of the sequence, since its method has dropped what was
/// there before, is read again, and [#readAgain] says how much that was.
///
/// Not for use by several threads at once. Holds native memory until closed.
public final class RunningText implements AutoCloseable {

  private final IntList ids;
  private Sequence sequence;
  private int readAgain;

  /// An empty text.
  public RunningText(InferenceModel inference) {
    this(new IntList(), inference.newSequence());
  }

  /// A text whose first tokens a sequence has read, which is the text's from now on.
  public static RunningText of(int[] ids, Sequence sequence) {
    IntList list = new IntList();
    list.addAll(ids);
    return new RunningText(list, sequence);
  }

  private RunningText(IntList ids, Sequence sequence) {
    this.ids = ids;
    this.sequence = sequence;
  }

  /// Number of tokens, read or not.
  public int length() {
    return ids.size();
  }

  /// Number of tokens that have been read.
  public int read() {
    return (int) sequence.length();
  }

  /// All tokens.
  public int[] ids() {
    return ids.toArray();
  }

  /// The tokens that have not been read.
  public int[] unread() {
    return ids.from(read());
  }

  /// Tokens that had been read and had to be, or have to be, read again.
  public int readAgain() {
    return readAgain;
  }

  /// The caches of what has been read; another object after the text went back or its method
  /// changed.
  public Sequence sequence() {
    return sequence;
  }

  /// Adds tokens at the end.
  public void append(int... more) {
    ids.addAll(more);
  }

  /// Makes the text one of other tokens; what both begin with stays read.
  ///
  /// @return number of tokens that stay read
  public int become(int... wanted) {
    rewind(ids.commonPrefix(wanted));
    int kept = read();
    append(Arrays.copyOfRange(wanted, length(), wanted.length));
    return kept;
  }

  /// Takes back every token from `length` on.
  public void rewind(int length) {
    if (length < 0 || length > length()) {
      throw new IllegalArgumentException(
          "the text has " + length() + " tokens and cannot go back to " + length);
    }
    ids.truncate(length);
    unread(length);
  }

  // Goes back with the caches to `length` tokens, or to where they can; the ids stay.
  private void unread(int length) {
    if (read() <= length) {
      return;
    }
    long point = sequence.lastRewindable(length);
    readAgain += (int) (length - point);
    if (sequence.canRewind(point)) {
      sequence.rewind(point);
    } else {
      startAnew(sequence.inference());
    }
  }

  /// Goes on with the text under another method: everything is read again.
  public void changeMethod(InferenceModel inference) {
    readAgain += read();
    startAnew(inference);
  }

  private void startAnew(InferenceModel inference) {
    Sequence anew = inference.newSequence();
    sequence.close();
    sequence = anew;
  }

  /// Sees to it that the text can later go back, without reading again, to its end as it is now
  /// less `tokens` tokens, where these have not been read yet.
  public void markEnd(int tokens) {
    sequence.markAhead(Math.max(0, length() - read() - tokens));
  }

  /// Reads what waits, and generates; what is generated belongs to the text.
  ///
  /// Where this fails, the text is as before, and is read again if it had gone on.
  ///
  /// @param cancelled asked before each part of the prompt and before each token
  public GenerationResult generate(
      Generator generator,
      GenerationOptions options,
      Consumer<String> sink,
      BooleanSupplier cancelled) {
    if (length() == 0) {
      throw new IllegalArgumentException("a text needs at least one token to go on from");
    }
    unread(length() - 1); // the last token has to be read for its logits
    sequence.declareLength(length());
    int read = read();
    boolean done = false;
    try {
      GenerationResult result =
          generator.generate(sequence, ids.range(0, read), unread(), options, sink, cancelled);
      append(result.ids());
      done = true;
      return result;
    } finally {
      if (!done && read() > read) {
        changeMethod(sequence.inference()); // it may have read tokens that nobody knows
      }
    }
  }

  /// A text of its own with the same tokens; what has been read is shared.
  public RunningText fork() {
    return of(ids.toArray(), sequence.fork());
  }

  @Override
  public void close() {
    sequence.close();
  }
}
