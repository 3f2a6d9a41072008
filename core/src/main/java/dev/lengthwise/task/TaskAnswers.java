package dev.lengthwise.task;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.TaskHead;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
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
    List<Integer> byLength =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(index -> texts.get(index).length()))
            .toList();
    List<Tensor> states = model.read(byLength.stream().map(texts::get).toList());
    Tensor[] rows = states.stream().map(head.reading()::of).toArray(Tensor[]::new);
    Tensor answers = model.decoder().answers(torch.cat(new TensorVector(rows), 0), dropped);
    Tensor[] ordered = new Tensor[rows.length];
    long first = 0;
    for (int n = 0; n < rows.length; n++) {
      ordered[byLength.get(n)] = answers.narrow(0, first, rows[n].size(0));
      first += rows[n].size(0);
    }
    return Arrays.asList(ordered);
  }
}
