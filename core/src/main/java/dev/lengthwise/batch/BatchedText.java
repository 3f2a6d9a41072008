package dev.lengthwise.batch;

import dev.lengthwise.generate.Continuation;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.generate.TokenLogprob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A text that has a place: first its prompt is read in chunks, then tokens are drawn.
final class BatchedText implements AutoCloseable {

  /// Rows of logits that are computed at once where a prompt is scored.
  private static final int SCORED_AT_ONCE = 32;

  /// Drawn tokens between two reports of progress.
  private static final int TOLD_EVERY = 8;

  private final TextRequest request;
  private final ReadingKey key;
  private final long mostBytes;
  private final Ticket ticket;
  private final int number;
  private final Generator generator;
  private final Continuation continuation;
  private final StringBuilder piece = new StringBuilder();
  private final List<TokenLogprob> promptScores = new ArrayList<>();
  private final long started;
  private Optional<TokenLogprob> endScore = Optional.empty();
  private long ready;
  private Sequence sequence;
  private int read;
  private int shared; // tokens of the prompt that another text has read
  private int slot; // its place among those that run at once
  private int branch; // a cut that other prompts share
  private boolean begun; // whether it has read a chunk itself
  private float @Nullable [] lastLogits; // after the last token that was read, where known
  private int last; // the token that was drawn last and is not yet read

  /// @param mostBytes that its cache may come to take
  /// @param number of the text among those of its ticket
  BatchedText(TextRequest request, long mostBytes, Ticket ticket, int number, Generator generator) {
    this.request = request;
    this.mostBytes = mostBytes;
    this.key = ReadingKey.of(request);
    this.ticket = ticket;
    this.number = number;
    this.generator = generator;
    this.started = generator.clock().millis();
    this.continuation =
        new Continuation(generator, new int[0], request.prompt(), request.options(), piece::append);
    this.sequence = request.model().newSequence().declareLength(request.prompt().length);
  }

  TextRequest request() {
    return request;
  }

  long mostBytes() {
    return mostBytes;
  }

  Sequence sequence() {
    return sequence;
  }

  boolean isCancelled() {
    return ticket.isCancelled();
  }

  boolean isReading() {
    return read < request.prompt().length;
  }

  ReadingKey key() {
    return key;
  }

  /// Tokens of the prompt that have been read.
  int readTokens() {
    return read;
  }

  int lastToken() {
    return last;
  }

  /// Whether it has the prompt of another text, under the same method.
  boolean hasPromptOf(BatchedText other) {
    return Arrays.equals(request.prompt(), other.request.prompt())
        && request.model().equals(other.request.model())
        && request.scoresPrompt() == other.request.scoresPrompt()
        && top() == other.top();
  }

  /// How far it has come.
  TextState state() {
    return new TextState(
        slot,
        request.model().plans().chosen().name(),
        request.prompt().length,
        read,
        shared,
        continuation.length(),
        request.mostTokens());
  }

  /// Whether it has read nothing itself.
  boolean isUnread() {
    return !begun;
  }

  /// Whether it may begin with what others have read: a prompt that is scored needs every token.
  boolean takesPrefixes() {
    return !begun && !request.scoresPrompt();
  }

  /// Goes on from the begin of its prompt.
  ///
  /// @param prefix a sequence that has read it, which is the text's from now on
  void take(Sequence prefix) {
    sequence.close();
    sequence = prefix;
    sequence.declareLength(request.prompt().length);
    read = Math.toIntExact(prefix.length());
    shared = read;
  }

  /// Gives it a place among those that run at once.
  void place(int free) {
    slot = free;
  }

  int slot() {
    return slot;
  }

  /// Remembers a cut that other prompts share.
  void branchAt(int cut) {
    branch = cut;
  }

  /// Whether what it has read now is of use to prompts to come: all that whole chunks can read, or
  /// a place where others have gone another way.
  boolean isWorthKeeping(PromptCuts cuts) {
    return read == branch || read == cuts.lastWithin(request.prompt().length);
  }

  /// Takes what another text with this prompt has read. The pages stay those of both.
  void take(BatchedText other) {
    Sequence fork = other.sequence.fork();
    sequence.close();
    sequence = fork;
    promptScores.addAll(other.promptScores);
    lastLogits = other.lastLogits == null ? null : other.lastLogits.clone();
    read = other.read;
    shared = other.read;
  }

  /// Reads the next chunk of the prompt.
  void read(PromptCuts cuts) {
    begun = true;
    int until = Math.min(request.prompt().length, cuts.after(read));
    int[] part = Arrays.copyOfRange(request.prompt(), read, until);
    try (PointerScope _ = new PointerScope()) {
      Tensor hidden = sequence.prefill(part);
      if (request.scoresPrompt()) {
        score(part, hidden);
      } else if (until == request.prompt().length) {
        lastLogits = logits(hidden, part.length - 1, 1)[0];
      }
    }
    read = until;
    tellProgress();
  }

  private void tellProgress() {
    if (request.tellsProgress()) {
      long now = ready == 0 ? generator.clock().millis() : ready;
      double seconds = (now - started) / 1000.0;
      tell(new TextEvent.Progress(read, shared, seconds, sequence.context()));
    }
  }

  /// Says that the prompt has been read, and draws the first token.
  ///
  /// @return whether the text goes on
  boolean begin() {
    ready = generator.clock().millis();
    tell(new TextEvent.PromptRead(promptScores, shared, (ready - started) / 1000.0));
    float[] logits = lastLogits;
    lastLogits = null;
    return logits != null && continuation.goesOn() && draw(logits);
  }

  private void score(int[] part, Tensor hidden) {
    for (int from = 0; from < part.length; from += SCORED_AT_ONCE) {
      int count = Math.min(SCORED_AT_ONCE, part.length - from);
      float[][] rows = logits(hidden, from, count);
      for (int row = 0; row < count; row++) {
        if (lastLogits != null) {
          promptScores.add(TokenLogprob.of(lastLogits, part[from + row], top()));
        }
        lastLogits = rows[row];
      }
    }
  }

  private int top() {
    return request.options().logprobs().orElse(0);
  }

  private float[][] logits(Tensor hidden, int from, int count) {
    try (PointerScope _ = new PointerScope()) {
      Tensor all = sequence.logits(hidden.narrow(0, from, count));
      float[][] rows = new float[count][];
      for (int row = 0; row < count; row++) {
        rows[row] = Logits.toArray(all.select(0, row));
      }
      return rows;
    }
  }

  /// Draws a token.
  ///
  /// @return whether the text goes on
  boolean draw(float[] logits) {
    int before = continuation.length();
    last = continuation.draw(logits);
    Optional<TokenLogprob> score = continuation.lastLogprob();
    if (continuation.length() > before) {
      tell(new TextEvent.Token(last, taken(), score));
      if (continuation.length() % TOLD_EVERY == 0) {
        tellProgress();
      }
    } else {
      endScore = score;
    }
    return continuation.goesOn();
  }

  private void tell(TextEvent event) {
    ticket.tell(number, event);
  }

  private String taken() {
    String text = piece.toString();
    piece.setLength(0);
    return text;
  }

  /// Says that the text has ended, and why, and releases its memory.
  ///
  /// @param cancelled whether it would have gone on
  void end(boolean cancelled) {
    tellProgress();
    close();
    Reason reason = continuation.end(cancelled);
    long now = generator.clock().millis();
    long read = ready == 0 ? now : ready;
    tell(
        new TextEvent.Ended(
            taken(),
            endScore,
            new GenerationResult(
                request.prompt().length,
                continuation.ids(),
                continuation.text(),
                reason,
                (read - started) / 1000.0,
                (now - read) / 1000.0,
                continuation.logprobs())));
  }

  /// Says that the model could not go on, and releases the memory.
  void fail(RuntimeException reason) {
    close();
    tell(new TextEvent.Failed(reason));
  }

  @Override
  public void close() {
    sequence.close();
  }
}
