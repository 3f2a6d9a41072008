package dev.lengthwise.encode;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Scores of pairs of texts: the greater, the more alike.
public sealed interface PairScorer {

  /// The file beside a model that holds a head of classes.
  String HEAD = "pair_head.safetensors";

  /// One score for each pair.
  double[] scores(List<LabelledPair> pairs);

  /// The cosine of the vectors of both texts; 0 where one has length 0. It is rounded to a
  /// millionth: digits behind that are those of single precision, and would put texts that are the
  /// same into an order.
  ///
  /// @param prompt put before each text
  record Cosines(Encoder encoder, String prompt) implements PairScorer {

    private static final double MILLION = 1e6;

    @Override
    public double[] scores(List<LabelledPair> pairs) {
      List<String> sides = new ArrayList<>();
      pairs.forEach(pair -> sides.add(pair.first()));
      pairs.forEach(pair -> sides.add(pair.second()));
      List<float[]> vectors = encoder.encode(sides, prompt);
      double[] scores = new double[pairs.size()];
      for (int pair = 0; pair < scores.length; pair++) {
        scores[pair] = cosine(vectors.get(pair), vectors.get(pairs.size() + pair));
      }
      return scores;
    }

    private static double cosine(float[] one, float[] other) {
      double product = 0;
      double first = 0;
      double second = 0;
      for (int n = 0; n < one.length; n++) {
        product += (double) one[n] * other[n];
        first += (double) one[n] * one[n];
        second += (double) other[n] * other[n];
      }
      double cosine = first == 0 || second == 0 ? 0 : product / Math.sqrt(first * second);
      return Math.rint(cosine * MILLION) / MILLION;
    }
  }

  /// The expected class of a pair that is read as one text.
  ///
  /// @param head makes the logits of the classes of the pooled vector
  record Interaction(Encoder encoder, VectorStep.Dense head) implements PairScorer {

    /// With the head that lies beside a model.
    ///
    /// @throws LengthwiseException where there is none, or it is that of another loss
    public static Interaction of(Encoder encoder, Path folder) {
      Path file = folder.resolve(HEAD);
      if (!Files.isRegularFile(file)) {
        throw new LengthwiseException(
            "%s has no %s, which a training with the loss interaction writes; leave --interaction out."
                .formatted(folder, HEAD));
      }
      try (Checkpoint weights = Checkpoints.open(file)) {
        long[] shape = weights.tensor("pair_head.weight").shape();
        if (shape.length != 2 || shape[1] != encoder.hiddenSize()) {
          throw new LengthwiseException(
              "The head in %s is not one of the loss interaction: it reads %d numbers, and the encoder has %d; leave --interaction out."
                  .formatted(file, shape[shape.length - 1], encoder.hiddenSize()));
        }
        return new Interaction(
            encoder,
            new VectorStep.Dense(
                weights.tensor("pair_head.weight").toFloats(),
                weights.tensor("pair_head.bias").toFloats(),
                Math.toIntExact(shape[0]),
                Math.toIntExact(shape[1]),
                VectorStep.Dense.Activation.IDENTITY));
      }
    }

    @Override
    public double[] scores(List<LabelledPair> pairs) {
      return Arrays.stream(shares(pairs)).mapToDouble(Interaction::expected).toArray();
    }

    /// The probabilities of the classes of each pair, `[pairs][classes]`.
    public double[][] shares(List<LabelledPair> pairs) {
      return encoder.pooledPairs(pairs).stream()
          .map(head::apply)
          .map(Interaction::softmax)
          .toArray(double[][]::new);
    }

    private static double expected(double[] shares) {
      double sum = 0;
      for (int own = 0; own < shares.length; own++) {
        sum += own * shares[own];
      }
      return sum;
    }

    private static double[] softmax(float[] logits) {
      double greatest = Double.NEGATIVE_INFINITY;
      for (float logit : logits) {
        greatest = Math.max(greatest, logit);
      }
      double sum = 0;
      double[] shares = new double[logits.length];
      for (int own = 0; own < shares.length; own++) {
        shares[own] = Math.exp(logits[own] - greatest);
        sum += shares[own];
      }
      for (int own = 0; own < shares.length; own++) {
        shares[own] /= sum;
      }
      return shares;
    }
  }
}
