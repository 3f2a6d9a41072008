package dev.lengthwise.evaluate;

import dev.lengthwise.evaluate.Measurement.Metric;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sampler;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.text.PasskeyTemplate;
import dev.lengthwise.tokenizer.StreamingDecoder;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Retrieval of a number that is hidden in filler text, by length and depth.
///
/// Two scores: what the model writes by itself (the first integer equals the key; the text contains
/// the key), and, since small models lose the thread easily, how many tokens of the key are the
/// most likely ones when those before them are given.
///
/// A model writes seven tokens, as in Han et al. 2024, "LM-Infinite", or one more than the answer
/// has where that is longer.
///
/// @param template the prompt
public record PasskeyTask(PasskeyTemplate template) implements Task {

  private static final Pattern INTEGER = Pattern.compile("\\d+");
  private static final long SMALLEST_KEY = 10_000;
  private static final long KEYS = 90_000;
  private static final int WRITTEN_TOKENS = 7;

  /// The task with the template of Landmark Attention.
  public PasskeyTask() {
    this(PasskeyTemplate.LANDMARK);
  }

  @Override
  public String name() {
    return "passkey";
  }

  @Override
  public long cost(Axes axes) {
    long once = axes.lengths().stream().mapToLong(Integer::longValue).sum();
    return once * axes.depths().size() * axes.trials();
  }

  @Override
  public void run(Subject subject, Axes axes, Consumer<Measurement> sink, Progress progress) {
    for (int length : axes.lengths()) {
      for (double depth : axes.depths()) {
        Tally tally = new Tally();
        long start = System.nanoTime();
        for (long key : keys(axes, length)) {
          PasskeyPrompt prompt =
              PasskeyPrompt.of(template, subject.tokenizer(), length, depth, key);
          attempt(subject, prompt, tally);
          progress.advance(length);
        }
        tally.report(length, depth, (System.nanoTime() - start) / 1e9, sink);
      }
    }
  }

  /// Whether the prompts of all keys fit into `length` tokens, at least without filler.
  public boolean fits(Tokenizer tokenizer, Axes axes, int length) {
    return Arrays.stream(keys(axes, length))
        .allMatch(key -> PasskeyPrompt.minimum(template, tokenizer, key) <= length);
  }

  // Every method gets the same keys.
  private static long[] keys(Axes axes, int length) {
    SplittableRandom random = new SplittableRandom(axes.seed() * 31 + length);
    return LongStream.generate(() -> SMALLEST_KEY + random.nextLong(KEYS))
        .limit(axes.trials())
        .toArray();
  }

  private static void attempt(Subject subject, PasskeyPrompt prompt, Tally tally) {
    int[] answer = prompt.answer();
    long whole = (long) prompt.prompt().length + answer.length;
    try (Sequence sequence = subject.inference().newSequence().declareLength(whole)) {
      float[] first = Generator.prefill(sequence, prompt.prompt(), subject.chunk());
      sequence.mark();
      tally.digits += teacherForced(subject, sequence, first, answer);
      sequence.rewind();
      String text = continued(subject, sequence, first, prompt);
      Matcher integer = INTEGER.matcher(text);
      String key = Long.toString(prompt.key());
      tally.trials++;
      tally.firstInteger += integer.find() && integer.group().equals(key) ? 1 : 0;
      tally.contained += text.contains(key) ? 1 : 0;
    }
  }

  // Share of the answer's tokens with a digit that are the most likely ones, the answer given.
  private static double teacherForced(
      Subject subject, Sequence sequence, float[] first, int[] answer) {
    try (PointerScope _ = new PointerScope()) {
      Tensor logits = sequence.logits(read(sequence, answer));
      int right = 0;
      int digits = 0;
      for (int at = 0; at < answer.length; at++) {
        if (hasDigit(subject.tokenizer().bytes(answer[at]))) {
          digits++;
          float[] row = at == 0 ? first : Logits.toArray(logits.select(0, at - 1L));
          right += Sampler.greatest(row) == answer[at] ? 1 : 0;
        }
      }
      return digits == 0 ? 0 : (double) right / digits;
    }
  }

  // A method that treats the last token of a step differently must see each token as one, as in
  // writing.
  private static Tensor read(Sequence sequence, int[] answer) {
    if (!sequence.inference().plans().chosen().dependsOnSteps()) {
      return sequence.prefill(answer);
    }
    TensorVector rows = new TensorVector();
    for (int id : answer) {
      rows.push_back(sequence.decode(id));
    }
    return torch.cat(rows, 0);
  }

  private static String continued(
      Subject subject, Sequence sequence, float[] first, PasskeyPrompt prompt) {
    StreamingDecoder decoder = new StreamingDecoder(subject.tokenizer());
    decoder.skip(prompt.prompt()[prompt.prompt().length - 1]);
    StringBuilder text = new StringBuilder();
    float[] logits = first;
    int written = Math.max(WRITTEN_TOKENS, prompt.answer().length + 1);
    for (int n = 0; n < written; n++) {
      int id = Sampler.greatest(logits);
      text.append(decoder.next(id));
      try (PointerScope _ = new PointerScope()) {
        logits = Logits.toArray(sequence.logits(sequence.decode(id)));
      }
    }
    return text.append(decoder.flush()).toString();
  }

  private static boolean hasDigit(byte[] bytes) {
    for (byte one : bytes) {
      if (one >= '0' && one <= '9') {
        return true;
      }
    }
    return false;
  }

  /// Sums over the trials of one cell.
  private static final class Tally {
    private int trials;
    private int firstInteger;
    private int contained;
    private double digits;

    void report(int length, double depth, double seconds, Consumer<Measurement> sink) {
      double share = 1.0 / trials;
      sink.accept(
          new Measurement(
              Metric.PASSKEY_FIRST_INTEGER, length, depth, firstInteger * share, trials, seconds));
      sink.accept(
          new Measurement(Metric.PASSKEY_CONTAINED, length, depth, contained * share, trials, 0));
      sink.accept(new Measurement(Metric.PASSKEY_DIGITS, length, depth, digits * share, trials, 0));
    }
  }
}
