package dev.lengthwise.batch;

import dev.lengthwise.generate.Continuation;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A text that has a place: first its prompt is read in chunks, then tokens are drawn.
final class RunningText implements AutoCloseable {

  /// Rows of logits that are computed at once where a prompt is scored.
  private static final int SCORED_AT_ONCE = 32;

  private final TextRequest request;
  private final Ticket ticket;
  private final int number;
  private final Generator generator;
  private final Session session;
  private final Continuation continuation;
  private final StringBuilder piece = new StringBuilder();
  private final List<TokenScore> promptScores = new ArrayList<>();
  private final long started;
  private Optional<TokenScore> endScore = Optional.empty();
  private long ready;
  private int read;
  private float @Nullable [] lastLogits; // after the last token that was read, where known
  private int last; // the token that was drawn last and is not yet read

  /// @param number of the text among those of its ticket
  RunningText(TextRequest request, Ticket ticket, int number, Generator generator) {
    this.request = request;
    this.ticket = ticket;
    this.number = number;
    this.generator = generator;
    this.started = generator.clock().millis();
    this.session = request.model().newSession().declareLength(request.prompt().length);
    this.continuation =
        new Continuation(generator, request.prompt(), request.options(), piece::append);
  }

  TextRequest request() {
    return request;
  }

  Session session() {
    return session;
  }

  boolean isCancelled() {
    return ticket.isCancelled();
  }

  boolean isReading() {
    return read < request.prompt().length;
  }

  int lastToken() {
    return last;
  }

  /// Reads the next chunk of the prompt; after the last one, draws the first token.
  ///
  /// @return whether the text goes on
  boolean read(int chunk) {
    int until = Math.min(request.prompt().length, read + chunk);
    int[] part = Arrays.copyOfRange(request.prompt(), read, until);
    try (PointerScope _ = new PointerScope()) {
      Tensor hidden = session.prefill(part);
      if (request.scoring().prompt()) {
        score(part, hidden);
      } else if (until == request.prompt().length) {
        lastLogits = logits(hidden, part.length - 1, 1)[0];
      }
    }
    read = until;
    if (isReading()) {
      return true;
    }
    ready = generator.clock().millis();
    tell(new TextEvent.PromptRead(promptScores, (ready - started) / 1000.0));
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
          promptScores.add(TokenScore.of(lastLogits, part[from + row], request.scoring().top()));
        }
        lastLogits = rows[row];
      }
    }
  }

  private float[][] logits(Tensor hidden, int from, int count) {
    try (PointerScope _ = new PointerScope()) {
      Tensor all = session.logits(hidden.narrow(0, from, count));
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
    Optional<float[]> given =
        request.scoring().drawn() ? Optional.of(logits.clone()) : Optional.empty();
    int before = continuation.length();
    last = continuation.draw(logits);
    Optional<TokenScore> score =
        given.map(row -> TokenScore.of(row, last, request.scoring().top()));
    if (continuation.length() > before) {
      tell(new TextEvent.Token(last, taken(), score));
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
    session.close();
  }
}
