package dev.lengthwise.task;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.TaskHead;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// The forward pass of an encoder with its head, in training and after it.
public final class TaskAnswers {

  private TaskAnswers() {}

  /// What the head says of some texts, which run in one pass.
  ///
  /// @param model with the head of a task
  /// @param dropped as [dev.lengthwise.model.Decoder#answers]
  /// @return for each text, in their order, `[rows, outputs]`, in the caller's scope
  public static List<Tensor> of(
      InferenceModel model, List<WholeText> texts, UnaryOperator<Tensor> dropped) {
    TaskHead head = model.decoder().spec().task().orElseThrow();
    Tensor[] rows = model.read(texts).stream().map(head.reading()::of).toArray(Tensor[]::new);
    Tensor all = model.decoder().answers(torch.cat(new TensorVector(rows), 0), dropped);
    List<Tensor> answers = new ArrayList<>();
    long first = 0;
    for (Tensor own : rows) {
      answers.add(all.narrow(0, first, own.size(0)));
      first += own.size(0);
    }
    return answers;
  }
}
