package dev.lengthwise.train;

import dev.lengthwise.attention.TorchAttention;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;

/// What is measured on texts that are never trained on.
final class Validation {

  private static final int WINDOWS = 64;
  private static final int WINDOWS_OF_PART = 4;
  private static final int QUESTIONS = 40;
  private static final int SAMPLE_TOKENS = 64;
  private static final String SAMPLE_PROMPT =
      """
      /**
       * Returns the largest element of the array.
       */
      public static int max(final int[] array) {
      """;

  private final TrainConfig config;
  private final TrainingData data;
  private final RetrievalDocuments documents;

  Validation(TrainConfig config, TrainingData data) {
    this.config = config;
    this.data = data;
    this.documents = new RetrievalDocuments(config.seed() ^ 0x5eed);
  }

  /// Mean loss over fixed windows of the held-out text, in nats per token.
  double loss(TrainedModel model, Workers workers) {
    int length = config.trainedLength() + 1;
    long[] ids = data.validationWindows(WINDOWS, config.trainedLength());
    List<Double> losses =
        workers.run(
            WINDOWS / WINDOWS_OF_PART,
            (part, attention) -> {
              int size = WINDOWS_OF_PART * length;
              long[] windows = Arrays.copyOfRange(ids, part * size, (part + 1) * size);
              return model.evaluate(windows, WINDOWS_OF_PART, attention);
            });
    return losses.stream().mapToDouble(loss -> loss).average().orElseThrow();
  }

  /// Share of answer tokens that are the most likely ones, given all before them.
  double retrieval(TrainedModel model, Workers workers) {
    List<int[]> counts =
        workers.run(
            QUESTIONS, (part, attention) -> right(documents.question(part), model, attention));
    double right = counts.stream().mapToInt(count -> count[0]).sum();
    return right / counts.stream().mapToInt(count -> count[1]).sum();
  }

  private int[] right(
      RetrievalDocuments.Question question, TrainedModel model, TorchAttention attention) {
    Tokenizer tokenizer = data.tokenizer();
    int[] all = tokenizer.encodePrompt(question.text());
    int answer = all.length - tokenizer.encodePrompt(question.prompt()).length;
    if (all.length > config.trainedLength()) {
      return new int[] {0, 0};
    }
    int[] likely = model.mostLikely(Arrays.copyOf(all, all.length - 1), answer, attention);
    int right = 0;
    for (int place = 0; place < answer; place++) {
      right += likely[place] == all[all.length - answer + place] ? 1 : 0;
    }
    return new int[] {right, answer};
  }

  /// A greedy continuation of a fixed prompt, with the prompt.
  String sample(TrainedModel model, Workers workers) {
    return workers.run(1, (_, attention) -> continuation(model, attention)).getFirst();
  }

  private String continuation(TrainedModel model, TorchAttention attention) {
    int[] ids = data.tokenizer().encodePrompt(SAMPLE_PROMPT);
    int end = data.tokenizer().endOfText().orElse(-1);
    for (int token = 0; token < SAMPLE_TOKENS && ids.length < config.trainedLength(); token++) {
      int next = model.mostLikely(ids, 1, attention)[0];
      if (next == end) {
        break;
      }
      ids = Arrays.copyOf(ids, ids.length + 1);
      ids[ids.length - 1] = next;
    }
    return data.tokenizer().decode(ids);
  }
}
