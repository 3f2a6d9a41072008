package dev.lengthwise.generate;

import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.tokenizer.IntList;
import dev.lengthwise.tokenizer.StreamingDecoder;
import dev.lengthwise.tokenizer.Tokenizer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// Generates text token by token.
///
/// Rows of the logits beyond the tokenizer's vocabulary, with which embeddings are padded, are
/// never drawn.
///
/// @param tokenizer of the model
/// @param ends ids of tokens that end a text
/// @param clock for the times of the result
public record Generator(Tokenizer tokenizer, Set<Integer> ends, InstantSource clock) {

  /// Copies the ids.
  public Generator {
    ends = Set.copyOf(ends);
  }

  /// Continues a prompt.
  ///
  /// @param session where the prompt goes; usually new
  /// @param prompt at least one token
  /// @param text gets each piece of the generated text as soon as its characters are complete
  /// @param cancelled asked before each token; when it answers yes, the generation ends
  public GenerationResult generate(
      Session session,
      int[] prompt,
      GenerationOptions options,
      Consumer<String> text,
      BooleanSupplier cancelled) {
    return generate(session, new int[0], prompt, options, text, cancelled);
  }

  /// As `generate`.
  ///
  /// @param before what the session has read; sampling looks back at it
  public GenerationResult generate(
      Session session,
      int[] before,
      int[] prompt,
      GenerationOptions options,
      Consumer<String> text,
      BooleanSupplier cancelled) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("a prompt needs at least one token");
    }
    long start = clock.millis();
    float[] logits = prefill(session, prompt, options.chunk());
    long ready = clock.millis();
    GeneratedText stream = new GeneratedText(options, text, decoderAfter(prompt));
    Drawing drawing = new Drawing(options, this);
    drawing.read(before);
    drawing.read(prompt);
    Set<Integer> stops = controlTokens(options.stops());
    Reason reason = Reason.LENGTH;
    IntList generated = new IntList();
    while (generated.size() < options.predict()) {
      if (cancelled.getAsBoolean()) {
        reason = Reason.CANCELLED;
        break;
      }
      if (drawing.isComplete()) {
        reason = Reason.END_OF_TEXT;
        break;
      }
      int id = drawing.next(drawable(logits, options.ignoresEnd()));
      if (stops.contains(id)) {
        reason = Reason.STOP;
        break;
      }
      if (ends.contains(id)) {
        reason = Reason.END_OF_TEXT;
        break;
      }
      generated.add(id);
      drawing.keep(id);
      if (stream.accept(id)) {
        reason = Reason.STOP;
        break;
      }
      if (generated.size() < options.predict()) {
        logits = step(session, id);
      }
    }
    String whole = stream.finish();
    return new GenerationResult(
        prompt.length,
        generated.toArray(),
        whole,
        reason,
        (ready - start) / 1000.0,
        (clock.millis() - ready) / 1000.0,
        drawing.logprobs());
  }

  // Control tokens have no text, so that a stop string cannot meet them.
  private Set<Integer> controlTokens(List<String> names) {
    return names.stream()
        .flatMap(name -> Stream.ofNullable(tokenizer.controlTokens().get(name)))
        .collect(Collectors.toSet());
  }

  // The usual model has a token for each row, and its logits are not copied.
  private float[] drawable(float[] logits, boolean ignoresEnd) {
    int tokens = tokenizer.vocabularySize();
    float[] rows = logits.length <= tokens ? logits : Arrays.copyOf(logits, tokens);
    if (ignoresEnd) {
      ends.stream().filter(id -> id < rows.length).forEach(id -> rows[id] = -Float.MAX_VALUE);
    }
    return rows;
  }

  /// Runs a prompt in chunks; returns the logits after its last token.
  public static float[] prefill(Session session, int[] prompt, int chunk) {
    float[][] last = new float[1][];
    session.read(
        prompt,
        chunk,
        (first, hidden) -> {
          if (first + hidden.size(0) == prompt.length) {
            last[0] = lastLogits(session, hidden);
          }
        });
    return last[0];
  }

  private static float[] step(Session session, int id) {
    try (PointerScope _ = new PointerScope()) {
      return lastLogits(session, session.decode(id));
    }
  }

  private static float[] lastLogits(Session session, Tensor hidden) {
    Tensor row = hidden.narrow(0, hidden.size(0) - 1, 1);
    return Logits.toArray(session.logits(row));
  }

  // The prompt may end within a character, and is not the start of a text for what follows.
  private StreamingDecoder decoderAfter(int[] prompt) {
    StreamingDecoder decoder = new StreamingDecoder(tokenizer);
    for (int id : prompt) {
      if (id < tokenizer.vocabularySize()) { // a row without a token has no text
        decoder.next(id);
      }
    }
    return decoder;
  }

  /// How the tokens of one text are drawn.
  private static final class Drawing {
    private final Sampler sampler;
    private final OptionalInt top;
    private final Optional<TokenFilter> filter;
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    private Optional<TokenLogprob> last = Optional.empty();

    Drawing(GenerationOptions options, Generator generator) {
      this.sampler = new Sampler(options.sampling());
      this.top = options.logprobs();
      this.filter =
          options.grammar().map(maker -> maker.start(generator.tokenizer(), generator.ends()));
    }

    void read(int[] ids) {
      sampler.accept(ids);
    }

    boolean isComplete() {
      return filter.isPresent() && filter.get().isComplete();
    }

    int next(float[] logits) {
      float[] raw = top.isPresent() ? logits.clone() : logits;
      filter.ifPresent(own -> own.mask(logits));
      int id = sampler.next(logits);
      last = top.stream().mapToObj(count -> TokenLogprob.of(raw, id, count)).findFirst();
      return id;
    }

    void keep(int id) {
      sampler.accept(id);
      filter.ifPresent(own -> own.accept(id));
      last.ifPresent(logprobs::add);
    }

    List<TokenLogprob> logprobs() {
      return logprobs;
    }
  }

  /// What has been generated so far.
  private static final class GeneratedText {
    private final StringBuilder whole = new StringBuilder();
    private final StopStrings stops;
    private final Consumer<String> sink;
    private final StreamingDecoder decoder;

    GeneratedText(GenerationOptions options, Consumer<String> sink, StreamingDecoder decoder) {
      this.stops = new StopStrings(options.stops());
      this.sink = sink;
      this.decoder = decoder;
    }

    boolean accept(int id) {
      emit(stops.accept(decoder.next(id)));
      return stops.stopped();
    }

    String finish() {
      if (!stops.stopped()) {
        emit(stops.accept(decoder.flush()));
        emit(stops.rest());
      }
      return whole.toString();
    }

    private void emit(String piece) {
      if (!piece.isEmpty()) {
        whole.append(piece);
        sink.accept(piece);
      }
    }
  }
}
