package dev.lengthwise.evaluate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Losses of single tokens: `nll[t] = −ln p(id[t + 1] | id[0 … t])`, in nats.
///
/// @param losses one for each token but the first; NaN where it was not wanted
/// @param likeliest whether the token is the most likely one, one for each loss
@SuppressWarnings("ArrayRecordComponent") // made once for each text and handed to its one reader
public record TokenLosses(double[] losses, boolean[] likeliest) {

  private static final int SHORTEST = 2;

  // Most logits that exist at once: 64 MiB.
  private static final long MAXIMUM_LOGITS = 1L << 24;

  /// Whether a text has a token to predict.
  public static boolean haveTarget(int[] ids) {
    return ids.length >= SHORTEST;
  }

  /// Complains about a text without a token to predict.
  ///
  /// @param name of the text
  public static void requireTarget(String name, int[] ids) {
    if (!haveTarget(ids)) {
      throw new LengthwiseException(
          "%s has %d token(s) and so no next token to predict; give at least %d"
              .formatted(name, ids.length, SHORTEST));
    }
  }

  /// Reads `ids` as one text.
  ///
  /// The current length of methods that depend on it is the number of ids, as for one call of the
  /// model with all of them. Logits are made for a few rows at a time, so memory does not grow with
  /// vocabulary × length.
  ///
  /// @param ids at least two tokens
  /// @param chunk most tokens of one step
  /// @param firstScored index of the first element of the result that is wanted; losses before it
  ///     are not computed and come back as NaN
  /// @return `ids.length − 1` losses
  public static double[] of(InferenceModel inference, int[] ids, int chunk, int firstScored) {
    return read(inference, ids, chunk, firstScored).losses();
  }

  /// As [#of], with the accuracy beside the losses.
  public static TokenLosses read(InferenceModel inference, int[] ids, int chunk, int firstScored) {
    return read(inference, ids, chunk, firstScored, ids.length);
  }

  /// Reads `ids` as a part of a longer text.
  ///
  /// @param currentLength what methods that depend on the length take it to be
  static TokenLosses read(
      InferenceModel inference, int[] ids, int chunk, int firstScored, long currentLength) {
    requireTarget("The text", ids);
    inference.requireKnown(ids); // the last one is a target and never read
    TokenLosses result = new TokenLosses(new double[ids.length - 1], new boolean[ids.length - 1]);
    Arrays.fill(result.losses, Double.NaN);
    try (Sequence sequence = inference.newSequence().declareLength(currentLength)) {
      sequence.read(
          Arrays.copyOf(ids, ids.length - 1),
          chunk,
          (first, hidden) -> result.score(sequence, ids, first, hidden, firstScored));
    }
    return result;
  }

  /// Reads `ids`, all but the last, as what comes next in the text of a sequence; the first of them
  /// is no target.
  ///
  /// @param ids at least two tokens
  /// @param chunk most tokens of one step
  /// @return `ids.length − 1` losses
  public static double[] next(Sequence sequence, int[] ids, int chunk) {
    requireTarget("The text", ids);
    sequence.inference().requireKnown(ids);
    TokenLosses result = new TokenLosses(new double[ids.length - 1], new boolean[ids.length - 1]);
    sequence.read(
        Arrays.copyOf(ids, ids.length - 1),
        chunk,
        (first, hidden) -> result.score(sequence, ids, first, hidden, 0));
    return result.losses();
  }

  private void score(Sequence sequence, int[] ids, int first, Tensor hidden, int firstScored) {
    int rows = (int) hidden.size(0);
    int most =
        Math.toIntExact(
            Math.max(1, MAXIMUM_LOGITS / sequence.inference().decoder().spec().vocabularySize()));
    int from = Math.max(0, firstScored - first);
    for (; from < rows; from += most) {
      int count = Math.min(most, rows - from);
      try (PointerScope _ = new PointerScope()) {
        long[] targets = new long[count];
        for (int n = 0; n < count; n++) {
          targets[n] = ids[first + from + n + 1];
        }
        Tensor logits = sequence.logits(hidden.narrow(0, from, count)); // [count, vocabulary]
        Tensor chosen = logits.gather(1, Tensor.create(targets).view(count, 1)).squeeze(1);
        Tensor loss = torch.logsumexp(logits, 1).sub(chosen).contiguous();
        Tensor best = logits.argmax(new LongOptional(1), false).contiguous();
        FloatBuffer values = loss.createBuffer();
        LongBuffer bestIds = best.createBuffer();
        for (int n = 0; n < count; n++) {
          likeliest[first + from + n] = bestIds.get(n) == targets[n];
          losses[first + from + n] = checked(values.get(n), first + from + n);
        }
      }
    }
  }

  private static double checked(float loss, int token) {
    if (Float.isNaN(loss)) {
      throw new LengthwiseException(
          "The loss of token "
              + (token + 1)
              + " is not a number: the model's weights are damaged, or they overflowed; check the "
              + "file, or run with --dtype f32");
    }
    return loss;
  }

  /// Share of the tokens `[from, until)` that are the most likely ones.
  double accuracy(int from, int until) {
    int right = 0;
    for (int at = from; at < until; at++) {
      right += likeliest[at] ? 1 : 0;
    }
    return (double) right / (until - from);
  }

  /// Mean of the losses `[from, until)`.
  public static double mean(double[] losses, int from, int until) {
    double sum = 0;
    for (int at = from; at < until; at++) {
      sum += losses[at];
    }
    return sum / (until - from);
  }
}
