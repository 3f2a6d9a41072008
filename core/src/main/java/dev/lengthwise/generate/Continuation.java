package dev.lengthwise.generate;

import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.tokenizer.IntList;
import dev.lengthwise.tokenizer.StreamingDecoder;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is drawn after a prompt, token by token, until something ends it. Whoever runs the model
/// hands in the logits, be it for one text or for a batch.
///
/// Not for use by several threads at once.
public final class Continuation {

  private final Tokenizer tokenizer;
  private final Set<Integer> ends;
  private final GenerationOptions options;
  private final TokenDrawing drawing;
  private final Set<Integer> stopTokens;
  private final StopStrings stops;
  private final StreamingDecoder decoder;
  private final StringBuilder whole = new StringBuilder();
  private final Consumer<String> sink;
  private final IntList drawn = new IntList();
  private @Nullable Reason reason;

  /// A text that goes on after `prompt`.
  ///
  /// @param generator the tokenizer and the ends of texts
  /// @param before what precedes the prompt; sampling looks back at it, too
  /// @param text gets each piece of the text as soon as its characters are complete
  public Continuation(
      Generator generator,
      int[] before,
      int[] prompt,
      GenerationOptions options,
      Consumer<String> text) {
    this.tokenizer = generator.tokenizer();
    this.ends = generator.ends();
    this.options = options;
    this.drawing = new TokenDrawing(generator, options);
    drawing.read(before);
    drawing.read(prompt);
    this.stopTokens = controlTokens(options);
    this.stops = new StopStrings(options.stops());
    this.decoder = decoderAfter(prompt);
    this.sink = text;
    endWhereComplete();
  }

  private void endWhereComplete() {
    if (reason == null && drawing.isComplete()) {
      reason = Reason.END_OF_TEXT;
    }
  }

  // Control tokens have no text, so that a stop string cannot meet them.
  private Set<Integer> controlTokens(GenerationOptions given) {
    return given.stops().stream()
        .flatMap(name -> Stream.ofNullable(tokenizer.controlTokens().get(name)))
        .collect(Collectors.toSet());
  }

  // The prompt may end within a character, and is not the start of a text for what follows.
  private StreamingDecoder decoderAfter(int[] prompt) {
    StreamingDecoder after = new StreamingDecoder(tokenizer);
    for (int id : prompt) {
      if (id < tokenizer.vocabularySize()) { // a row without a token has no text
        after.skip(id);
      }
    }
    return after;
  }

  /// Whether a token is to be drawn.
  public boolean goesOn() {
    return reason == null && drawn.size() < options.predict();
  }

  /// Number of tokens that belong to the text.
  public int length() {
    return drawn.size();
  }

  /// The tokens that belong to the text.
  public int[] ids() {
    return drawn.toArray();
  }

  /// How likely the model found these tokens, where the options ask for it.
  public List<TokenLogprob> logprobs() {
    return drawing.logprobs();
  }

  /// How likely the model found the token that was drawn last, also where that only ended the text.
  public Optional<TokenLogprob> lastLogprob() {
    return drawing.last();
  }

  /// The text so far, without what may yet become a stop string.
  public String text() {
    return whole.toString();
  }

  /// Draws a token, which may end the text; then it does not belong to it.
  ///
  /// @param logits of the model after the last token; those of end tokens may be changed
  /// @return the token, to be read where the text goes on
  public int draw(float[] logits) {
    int id = drawing.next(logits, this::drawable);
    if (stopTokens.contains(id)) {
      reason = Reason.STOP;
    } else if (ends.contains(id)) {
      reason = Reason.END_OF_TEXT;
    } else {
      drawn.add(id);
      drawing.keep(id);
      emit(stops.accept(decoder.next(id)));
      if (stops.stopped()) {
        reason = Reason.STOP;
      }
      endWhereComplete();
    }
    return id;
  }

  // The usual model has a token for each row, and its logits are not copied.
  private float[] drawable(float[] logits) {
    int tokens = tokenizer.vocabularySize();
    float[] rows = logits.length <= tokens ? logits : Arrays.copyOf(logits, tokens);
    if (options.ignoresEnd()) {
      ends.stream().filter(id -> id < rows.length).forEach(id -> rows[id] = -Float.MAX_VALUE);
    }
    return rows;
  }

  /// Ends the text, and emits what was held back.
  ///
  /// @return why it ended
  public Reason end(boolean cancelled) {
    if (!stops.stopped() && drawn.size() > 0) { // else it holds what the prompt ended with
      emit(stops.accept(decoder.flush()));
      emit(stops.rest());
    }
    return Optional.ofNullable(reason).orElse(cancelled ? Reason.CANCELLED : Reason.LENGTH);
  }

  private void emit(String piece) {
    if (!piece.isEmpty()) {
      whole.append(piece);
      sink.accept(piece);
    }
  }
}
