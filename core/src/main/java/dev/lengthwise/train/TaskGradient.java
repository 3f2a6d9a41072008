package dev.lengthwise.train;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.task.TaskAnswers;
import dev.lengthwise.task.TaskInput;
import dev.lengthwise.task.TaskLosses;
import dev.lengthwise.task.TaskPasses;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/// The gradient of the loss of a batch of examples, pass by pass.
///
/// A loss is a mean over answers, so each pass counts as its answers do: the sums are those of one
/// pass over everything, up to rounding.
///
/// @param tokens of a pass at most, as in [TaskPasses#of]
record TaskGradient(Parameters parameters, TorchAttention attention, int tokens) {

  TaskGradient(Parameters parameters) {
    this(parameters, new TorchAttention(), TaskPasses.TOKENS);
  }

  /// The loss of a batch.
  ///
  /// @param gradients takes those of each pass, in the order of the weights; the sum is that of the
  ///     loss
  double of(List<TaskInput> inputs, Dropout dropout, Consumer<TensorVector> gradients) {
    long answers = answers(inputs);
    double loss = 0;
    for (List<TaskInput> pass : TaskPasses.of(head().kind(), inputs, tokens)) {
      long own = answers(pass);
      if (own > 0) { // a window may hold no first piece of a word
        loss += ofPass(pass, (double) own / answers, dropout, gradients);
      }
    }
    return loss;
  }

  private static long answers(List<TaskInput> inputs) {
    return inputs.stream().mapToLong(TaskInput::answers).sum();
  }

  private double ofPass(
      List<TaskInput> inputs, double share, Dropout dropout, Consumer<TensorVector> gradients) {
    try (PointerScope _ = new PointerScope()) {
      List<WholeText> texts = inputs.stream().flatMap(input -> input.texts().stream()).toList();
      List<Tensor> answers = TaskAnswers.of(model(), texts, dropout::of);
      Tensor loss = TaskLosses.of(head().kind(), inputs, answers).mul(new Scalar(share));
      // A head that turns states into logits of tokens has no part in answers.
      gradients.accept(parameters.gradients(loss, parameters.vector(), Set.of(Slot.HEAD)));
      return loss.item_double();
    }
  }

  /// The encoder with its head, as its weights are now.
  InferenceModel model() {
    return parameters.model(attention);
  }

  /// The head.
  TaskHead head() {
    return parameters.spec().task().orElseThrow();
  }
}
