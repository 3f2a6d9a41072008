package dev.lengthwise.train;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.encode.LabelledPair;
import dev.lengthwise.encode.PairText;
import dev.lengthwise.encode.TextIds;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.train.match.PairLosses;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The forward pass of an encoder on pairs of texts, in training.
final class PairModel {

  private final MatchConfig.Task task;
  private final Parameters parameters;
  private final @Nullable PairHead head;
  private final Tokenizer tokenizer;
  private final TorchAttention attention = new TorchAttention();

  /// @param head of losses with classes
  PairModel(
      MatchConfig.Task task, Parameters parameters, @Nullable PairHead head, Tokenizer tokenizer) {
    this.task = task;
    this.parameters = parameters;
    this.head = head;
    this.tokenizer = tokenizer;
  }

  /// The loss of a batch, with what its gradients need.
  Tensor loss(List<LabelledPair> pairs) {
    double[] labels = LabelledPair.labels(pairs);
    PairLosses.@Nullable Head layer = head == null ? null : head.head();
    if (task.loss().readsPairs()) {
      return PairLosses.of(task.loss(), joint(pairs), null, labels, layer);
    }
    Tensor both = vectors(sides(pairs));
    Tensor first = both.narrow(0, 0, pairs.size());
    Tensor second = both.narrow(0, pairs.size(), pairs.size());
    return PairLosses.of(task.loss(), first, second, labels, layer);
  }

  /// A score for each pair, greater where its texts are more alike: the cosine, or the expected
  /// class of a pair that is read as one text.
  double[] scores(List<LabelledPair> pairs) {
    if (task.loss().readsPairs() && head != null) {
      Tensor shares =
          torch.softmax(
              torch.linear(joint(pairs), head.weight(), new TensorOptional(head.bias())), 1);
      double[] classes = IntStream.range(0, task.loss().classes()).asDoubleStream().toArray();
      return doubles(shares.to(ScalarType.Double).matmul(Tensor.create(classes, classes.length)));
    }
    Tensor both = vectors(sides(pairs));
    return doubles(
        torch.cosine_similarity(
            both.narrow(0, 0, pairs.size()), both.narrow(0, pairs.size(), pairs.size())));
  }

  private static double[] doubles(Tensor tensor) {
    float[] numbers = new float[Math.toIntExact(tensor.numel())];
    tensor.to(ScalarType.Float).contiguous().<FloatBuffer>createBuffer().get(numbers);
    return IntStream.range(0, numbers.length).mapToDouble(n -> numbers[n]).toArray();
  }

  private List<WholeText> sides(List<LabelledPair> pairs) {
    return Stream.concat(
            pairs.stream().map(LabelledPair::first), pairs.stream().map(LabelledPair::second))
        .map(text -> new WholeText(TextIds.cut(tokenizer, text, task.length())))
        .toList();
  }

  private Tensor joint(List<LabelledPair> pairs) {
    ModelSpec spec = parameters.spec();
    return vectors(
        pairs.stream()
            .map(pair -> PairText.of(tokenizer, spec, pair.first(), pair.second(), task.length()))
            .toList());
  }

  // [texts, hidden]
  private Tensor vectors(List<WholeText> texts) {
    Tensor[] pooled =
        parameters.model(attention).read(texts).stream()
            .map(hidden -> task.pooling().of(hidden, 0))
            .toArray(Tensor[]::new);
    return torch.stack(new TensorVector(pooled));
  }
}
