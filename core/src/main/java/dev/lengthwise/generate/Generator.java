package dev.lengthwise.generate;

import dev.lengthwise.generate.GenerationResult.Reason;
import dev.lengthwise.tokenizer.Tokenizer;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
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
  /// @param sequence where the prompt goes; usually new
  /// @param before what the sequence has read; sampling looks back at it
  /// @param prompt at least one token
  /// @param text gets each piece of the generated text as soon as its characters are complete
  /// @param cancelled asked before each part of the prompt and before each token; when it answers
  ///     yes, the generation ends
  public GenerationResult generate(
      Sequence sequence,
      int[] before,
      int[] prompt,
      GenerationOptions options,
      Consumer<String> text,
      BooleanSupplier cancelled) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("a prompt needs at least one token");
    }
    long start = clock.millis();
    Continuation continuation = new Continuation(this, before, prompt, options, text);
    long origin = sequence.length();
    Optional<float[]> afterPrompt = read(sequence, prompt, options.chunk(), cancelled);
    int read = Math.toIntExact(sequence.length() - origin);
    long ready = clock.millis();
    boolean ended =
        afterPrompt.isEmpty() || draw(sequence, continuation, afterPrompt.get(), cancelled);
    Reason reason = continuation.end(ended);
    return new GenerationResult(
        read,
        continuation.ids(),
        continuation.text(),
        reason,
        (ready - start) / 1000.0,
        (clock.millis() - ready) / 1000.0,
        continuation.logprobs());
  }

  // Draws tokens until the text ends; whether the caller ended it.
  private static boolean draw(
      Sequence sequence, Continuation continuation, float[] first, BooleanSupplier cancelled) {
    float[] logits = first;
    while (continuation.goesOn()) {
      if (cancelled.getAsBoolean()) {
        return true;
      }
      int id = continuation.draw(logits);
      if (continuation.goesOn()) {
        logits = step(sequence, id);
      }
    }
    return false;
  }

  // The logits after the prompt; empty where the caller ended it before.
  private static Optional<float[]> read(
      Sequence sequence, int[] prompt, int chunk, BooleanSupplier cancelled) {
    int last = (prompt.length - 1) / chunk * chunk;
    for (int from = 0; from < last; from += chunk) {
      if (cancelled.getAsBoolean()) {
        return Optional.empty();
      }
      sequence.read(Arrays.copyOfRange(prompt, from, from + chunk), chunk, (_, _) -> {});
    }
    return cancelled.getAsBoolean()
        ? Optional.empty()
        : Optional.of(prefill(sequence, Arrays.copyOfRange(prompt, last, prompt.length), chunk));
  }

  /// Runs a prompt in chunks; returns the logits after its last token.
  public static float[] prefill(Sequence sequence, int[] prompt, int chunk) {
    float[][] last = new float[1][];
    sequence.read(
        prompt,
        chunk,
        (first, hidden) -> {
          if (first + hidden.size(0) == prompt.length) {
            last[0] = lastLogits(sequence, hidden);
          }
        });
    return last[0];
  }

  private static float[] step(Sequence sequence, int id) {
    try (PointerScope _ = new PointerScope()) {
      return lastLogits(sequence, sequence.decode(id));
    }
  }

  private static float[] lastLogits(Sequence sequence, Tensor hidden) {
    Tensor row = hidden.narrow(0, hidden.size(0) - 1, 1);
    return Logits.toArray(sequence.logits(row));
  }
}
