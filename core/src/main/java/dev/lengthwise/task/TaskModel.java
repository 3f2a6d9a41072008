package dev.lengthwise.task;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.TaskHead;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// An encoder with a head that answers examples.
public final class TaskModel {

  /// Tokens of an answer at most, as in the recipe of BERT.
  public static final int LONGEST_ANSWER = 30;

  private final InferenceModel model;
  private final TaskReader reader;
  private final int longestAnswer;

  /// A model for examples that `reader` reads.
  ///
  /// @param longestAnswer tokens of a part of a text that answers a question
  public TaskModel(InferenceModel model, TaskReader reader, int longestAnswer) {
    this.model = model;
    this.reader = reader;
    this.longestAnswer = longestAnswer;
  }

  /// The head that answers.
  public TaskHead head() {
    return model.decoder().spec().task().orElseThrow();
  }

  /// What the model says of examples, in their order. Some thousand tokens run at a time.
  public List<TaskPrediction> predict(List<? extends TaskExample> examples) {
    List<TaskPrediction> predictions = new ArrayList<>();
    List<TaskExample> pass = new ArrayList<>();
    List<TaskInput> inputs = new ArrayList<>();
    int tokens = 0;
    for (TaskExample example : examples) {
      TaskInput input = reader.input(example);
      if (tokens > 0 && tokens + input.tokens() > TaskPasses.TOKENS) {
        predictions.addAll(predict(pass, inputs));
        pass.clear();
        inputs.clear();
        tokens = 0;
      }
      pass.add(example);
      inputs.add(input);
      tokens += input.tokens();
    }
    predictions.addAll(predict(pass, inputs));
    return predictions;
  }

  private List<TaskPrediction> predict(List<TaskExample> examples, List<TaskInput> inputs) {
    List<float[][]> answers = answers(inputs);
    List<TaskPrediction> predictions = new ArrayList<>();
    int first = 0;
    for (int n = 0; n < inputs.size(); n++) {
      int count = inputs.get(n).texts().size();
      predictions.add(prediction(examples.get(n), answers.subList(first, first + count)));
      first += count;
    }
    return predictions;
  }

  // Of a long text some windows at a time.
  private List<float[][]> answers(List<TaskInput> inputs) {
    List<WholeText> texts = inputs.stream().flatMap(input -> input.texts().stream()).toList();
    List<float[][]> answers = new ArrayList<>();
    for (int from = 0; from < texts.size(); ) {
      int until = from + 1;
      int tokens = texts.get(from).length();
      while (until < texts.size() && tokens + texts.get(until).length() <= TaskPasses.TOKENS) {
        tokens += texts.get(until).length();
        until++;
      }
      try (PointerScope _ = new PointerScope();
          NoGradGuard _ = new NoGradGuard()) {
        TaskAnswers.of(model, texts.subList(from, until), rows -> rows)
            .forEach(tensor -> answers.add(rows(tensor)));
      }
      from = until;
    }
    return answers;
  }

  private static float[][] rows(Tensor tensor) {
    float[] all = new float[Math.toIntExact(tensor.numel())];
    tensor.to(ScalarType.Float).cpu().contiguous().<FloatBuffer>createBuffer().get(all);
    int size = Math.toIntExact(tensor.size(1));
    return IntStream.range(0, all.length / size)
        .mapToObj(row -> Arrays.copyOfRange(all, row * size, (row + 1) * size))
        .toArray(float[][]::new);
  }

  private TaskPrediction prediction(TaskExample example, List<float[][]> answers) {
    return switch (example) {
      case TaskExample.Classified _ -> ofClass(answers.getFirst()[0]);
      case TaskExample.Choice _ -> {
        float[] scores = new float[answers.size()];
        for (int choice = 0; choice < scores.length; choice++) {
          scores[choice] = answers.get(choice)[0][0];
        }
        yield ofClass(scores);
      }
      case TaskExample.Question own -> {
        Passages passages = reader.passages(own);
        AnswerSearch search = new AnswerSearch(longestAnswer);
        for (int n = 0; n < answers.size(); n++) {
          search.add(passages.windows().get(n), answers.get(n));
        }
        yield search.found(own.context(), passages);
      }
      case TaskExample.Tagged own -> ofTags(own, reader.passages(own), answers);
    };
  }

  private static TaskPrediction.OfClass ofClass(float[] logits) {
    double greatest = logits[greatest(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - greatest);
    }
    List<Double> shares = new ArrayList<>();
    for (float logit : logits) {
      shares.add(Math.exp(logit - greatest) / sum);
    }
    return new TaskPrediction.OfClass(greatest(logits), shares);
  }

  private static int greatest(float[] numbers) {
    int greatest = 0;
    for (int n = 1; n < numbers.length; n++) {
      greatest = numbers[n] > numbers[greatest] ? n : greatest;
    }
    return greatest;
  }

  // Each word has the tag of its first piece, in the window that shows most around it.
  private TaskPrediction.OfTags ofTags(
      TaskExample.Tagged example, Passages passages, List<float[][]> answers) {
    List<String> tags = new ArrayList<>();
    for (int piece : TaskReader.firstPieces(example, passages.pieces())) {
      int chosen = -1;
      for (int n = 0; n < answers.size() && piece >= 0; n++) {
        Passages.Window window = passages.windows().get(n);
        if (window.holds(piece)
            && (chosen < 0
                || window.context(piece) > passages.windows().get(chosen).context(piece))) {
          chosen = n;
        }
      }
      tags.add(
          chosen < 0
              ? Entity.OUTSIDE
              : head()
                  .labels()
                  .get(greatest(answers.get(chosen)[passages.windows().get(chosen).rowOf(piece)])));
    }
    return new TaskPrediction.OfTags(tags);
  }
}
