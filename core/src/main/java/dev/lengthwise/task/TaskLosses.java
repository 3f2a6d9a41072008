package dev.lengthwise.task;

import dev.lengthwise.model.TaskHead;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The losses of heads, as Hugging Face's library defines them. Gradients flow to the answers.
public final class TaskLosses {

  private TaskLosses() {}

  /// The loss of a batch, one number: the mean cross entropy of classes, of the choices of each
  /// example, of the starts and the ends of windows (half of each), or of tagged tokens.
  ///
  /// @param inputs that know what is wanted
  /// @param answers of their texts, one after the other, `[rows, outputs]` each
  public static Tensor of(TaskHead.Kind kind, List<TaskInput> inputs, List<Tensor> answers) {
    return switch (kind) {
      case CLASSIFICATION, TAGGING -> torch.cross_entropy_loss(joined(answers), wanted(inputs));
      case CHOICE -> ofChoices(inputs, answers);
      case READING -> ofPlaces(inputs, answers);
    };
  }

  private static Tensor joined(List<Tensor> tensors) {
    return torch.cat(new TensorVector(tensors.toArray(Tensor[]::new)), 0);
  }

  private static Tensor wanted(List<TaskInput> inputs) {
    return Tensor.create(
        inputs.stream()
            .flatMap(input -> input.wanted().stream())
            .flatMapToLong(Arrays::stream)
            .toArray());
  }

  private static Tensor ofChoices(List<TaskInput> inputs, List<Tensor> answers) {
    Tensor[] losses = new Tensor[inputs.size()];
    int first = 0;
    for (int n = 0; n < losses.length; n++) {
      TaskInput input = inputs.get(n);
      int count = input.texts().size();
      Tensor scores = joined(answers.subList(first, first + count)).view(1, count);
      losses[n] = torch.cross_entropy_loss(scores, Tensor.create(input.wanted().getFirst()));
      first += count;
    }
    return mean(losses);
  }

  private static Tensor ofPlaces(List<TaskInput> inputs, List<Tensor> answers) {
    List<long[]> wanted = inputs.stream().flatMap(input -> input.wanted().stream()).toList();
    Tensor[] losses = new Tensor[2 * wanted.size()];
    for (int n = 0; n < losses.length; n++) {
      Tensor scores = answers.get(n / 2).select(1, n % 2).unsqueeze(0); // [1, tokens]
      long[] place = {wanted.get(n / 2)[n % 2]};
      losses[n] = torch.cross_entropy_loss(scores, Tensor.create(place));
    }
    return mean(losses);
  }

  private static Tensor mean(Tensor[] losses) {
    return torch.stack(new TensorVector(losses)).sum().div(new Scalar((double) losses.length));
  }
}
