package dev.lengthwise.train.match;

import dev.lengthwise.train.match.PairLoss.CoSent;
import dev.lengthwise.train.match.PairLoss.CosineRegression;
import dev.lengthwise.train.match.PairLoss.InfoNce;
import dev.lengthwise.train.match.PairLoss.Interaction;
import dev.lengthwise.train.match.PairLoss.SentenceBert;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Computes [PairLoss] in libtorch: gradients flow to the vectors and to the head.
public final class PairLosses {

  private static final double SMALLEST_LENGTH = 1e-8;

  private PairLosses() {}

  /// A linear layer that tells classes apart.
  ///
  /// @param weight `[classes, inputs]`
  /// @param bias `[classes]`
  public record Head(Tensor weight, Tensor bias) {

    Tensor logits(Tensor inputs) {
      return torch.linear(inputs, weight, new TensorOptional(bias));
    }
  }

  /// Numbers that the head of a loss reads of a pair.
  ///
  /// @param size numbers of a vector
  public static int headInputs(PairLoss loss, int size) {
    return switch (loss) {
      case SentenceBert _ -> 3 * size;
      case Interaction _ -> size;
      case CoSent _, CosineRegression _, InfoNce _ -> 0;
    };
  }

  /// The loss of a batch, one number.
  ///
  /// @param first `u`, or the vectors of joint texts, `[pairs, size]`
  /// @param second `v`, of the same shape; of joint texts `null`
  /// @param labels one for each pair
  /// @param head of losses with classes
  public static Tensor of(
      PairLoss loss, Tensor first, @Nullable Tensor second, double[] labels, @Nullable Head head) {
    return switch (loss) {
      case CoSent(double scale) -> coSent(cosines(first, needed(second)), labels, scale);
      case CosineRegression(double greatest) -> regression(first, needed(second), labels, greatest);
      case InfoNce(double scale) -> infoNce(first, needed(second), scale);
      case SentenceBert _ ->
          classified(needed(head).logits(joined(first, needed(second))), labels);
      case Interaction _ -> classified(needed(head).logits(first), labels);
    };
  }

  /// What the head of Sentence-BERT reads: `[u, v, |u − v|]`.
  public static Tensor joined(Tensor first, Tensor second) {
    return torch.cat(new TensorVector(first, second, first.sub(second).abs()), 1);
  }

  private static <T> T needed(@Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException("this loss needs two vectors of a pair, or a head");
    }
    return value;
  }

  private static Tensor cosines(Tensor first, Tensor second) {
    return torch.cosine_similarity(first, second, 1, SMALLEST_LENGTH);
  }

  /// CoSENT of cosines that are known.
  ///
  /// Without two different labels there is nothing to order, and the loss is 0.
  ///
  /// @param cosines `[pairs]`
  static Tensor coSent(Tensor cosines, double[] labels, double scale) {
    List<Long> less = new ArrayList<>();
    List<Long> greater = new ArrayList<>();
    for (int one = 0; one < labels.length; one++) {
      for (int other = 0; other < labels.length; other++) {
        if (labels[one] < labels[other]) {
          less.add((long) one);
          greater.add((long) other);
        }
      }
    }
    Tensor zero = cosines.sum().mul(new Scalar(0.0)).view(1);
    if (less.isEmpty()) {
      return zero.view();
    }
    Tensor differences =
        cosines
            .index_select(0, indices(less))
            .sub(cosines.index_select(0, indices(greater)))
            .mul(new Scalar(scale));
    return torch.logsumexp(torch.cat(new TensorVector(zero, differences), 0), 0);
  }

  private static Tensor indices(List<Long> numbers) {
    return Tensor.create(numbers.stream().mapToLong(Long::longValue).toArray());
  }

  private static Tensor regression(
      Tensor first, Tensor second, double[] labels, double greatest) {
    double[] wanted = Arrays.stream(labels).map(label -> label / greatest).toArray();
    Tensor expected = Tensor.create(wanted).to(first.scalar_type());
    return torch.mse_loss(cosines(first, second), expected);
  }

  private static Tensor infoNce(Tensor first, Tensor second, double scale) {
    Tensor scores = normed(first).matmul(normed(second).t()).mul(new Scalar(scale));
    long[] own = LongStream.range(0, first.size(0)).toArray();
    return torch.cross_entropy_loss(scores, Tensor.create(own));
  }

  private static Tensor normed(Tensor vectors) {
    Tensor lengths =
        vectors
            .square()
            .sum(new long[] {1}, true, new ScalarTypeOptional())
            .sqrt();
    return vectors.div(lengths.clamp_min(new Scalar(SMALLEST_LENGTH)));
  }

  private static Tensor classified(Tensor logits, double[] labels) {
    long[] classes = Arrays.stream(labels).mapToLong(Math::round).toArray();
    return torch.cross_entropy_loss(logits, Tensor.create(classes));
  }
}
