package dev.lengthwise.train;

import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.text.GeneratedTexts;
import dev.lengthwise.train.data.AnswerScore;
import dev.lengthwise.train.data.QuestionTokens;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.data.WindowBatch;
import dev.lengthwise.train.data.WindowSampler;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What is measured on texts that are never trained on.
final class Validation {

  private static final int WINDOWS = 64;
  private static final int WINDOWS_OF_PART = 4;
  private static final int QUESTIONS = 40;
  private static final int SAMPLE_PROMPT = 24;
  private static final int SAMPLE_TOKENS = 64;

  private final TrainingSettings config;
  private final TrainingData data;
  private final boolean masked;
  private final List<WindowBatch> windows;

  Validation(TrainingSettings config, TrainingData data, boolean masked, WindowSampler sampler) {
    this.config = config;
    this.data = data;
    this.masked = masked;
    this.windows = sampler.validation(WINDOWS, WINDOWS_OF_PART);
  }

  /// Mean loss over fixed windows of the held-out text, in nats per token.
  double loss(TrainedModel model, TrainingWorkers workers) {
    List<Double> losses =
        workers.run(
            windows.size(), (part, attention) -> model.evaluate(windows.get(part), attention));
    long targets = windows.stream().mapToLong(WindowBatch::scored).sum();
    return losses.stream().mapToDouble(loss -> loss).sum() / Math.max(1, targets);
  }

  /// The score of each kind of question, by its label. Questions longer than the trained length are
  /// left out, and kinds without any other question.
  Map<String, AnswerScore> answers(TrainedModel model, TrainingWorkers workers) {
    Map<String, AnswerScore> scores = new LinkedHashMap<>();
    for (GeneratedTexts texts : data.mix().questions()) {
      List<QuestionTokens> questions =
          IntStream.range(0, QUESTIONS)
              .mapToObj(number -> QuestionTokens.of(data.tokenizer(), texts.question(number)))
              .filter(question -> question.length() <= config.trainedLength())
              .toList();
      if (!questions.isEmpty()) {
        scores.put(
            texts.label(),
            AnswerScore.of(
                workers.run(
                    questions.size(),
                    (part, attention) -> answer(questions.get(part), model, attention))));
      }
    }
    return scores;
  }

  private static AnswerScore.Answer answer(
      QuestionTokens question, TrainedModel model, TorchAttention attention) {
    int[] answer = question.answer();
    return AnswerScore.Answer.of(
        answer, model.mostLikely(question.inputs(), answer.length, attention));
  }

  /// A greedy continuation of the begin of the held-out text, with that begin; or its first window
  /// with the masked tokens filled in, each as `⟦token⟧`, where the model is bidirectional.
  String sample(TrainedModel model, TrainingWorkers workers) {
    return workers
        .run(
            1, (_, attention) -> masked ? filled(model, attention) : continuation(model, attention))
        .getFirst();
  }

  private String filled(TrainedModel model, TorchAttention attention) {
    WindowBatch window = windows.getFirst();
    int[] ids =
        Arrays.stream(window.inputs(), 0, window.length()).mapToInt(Math::toIntExact).toArray();
    int[] likely = model.mostLikely(ids, ids.length, attention);
    int size = data.tokenizer().vocabularySize();
    StringBuilder text = new StringBuilder();
    for (int place = 0; place < ids.length; place++) {
      if (window.targets()[place] == WindowBatch.IGNORED) {
        text.append(data.tokenizer().decode(new int[] {ids[place]}));
      } else {
        String fill =
            likely[place] < size ? data.tokenizer().decode(new int[] {likely[place]}) : "";
        text.append('⟦').append(fill).append('⟧');
      }
    }
    return text.toString();
  }

  private String continuation(TrainedModel model, TorchAttention attention) {
    int begin = Math.min(SAMPLE_PROMPT, config.trainedLength() / 2);
    int[] ids =
        Arrays.stream(windows.getFirst().inputs(), 0, begin).mapToInt(Math::toIntExact).toArray();
    int end = data.tokenizer().endOfText().orElse(-1);
    for (int token = 0; token < SAMPLE_TOKENS && ids.length < config.trainedLength(); token++) {
      int next = model.mostLikely(ids, 1, attention)[0];
      if (next == end || next >= data.tokenizer().vocabularySize()) {
        break; // a vocabulary may have rows without a token
      }
      ids = Arrays.copyOf(ids, ids.length + 1);
      ids[ids.length - 1] = next;
    }
    return data.tokenizer().decode(ids);
  }
}
