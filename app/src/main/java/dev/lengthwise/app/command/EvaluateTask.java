package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.EncoderModelOptions;
import dev.lengthwise.app.options.ResultPlace;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.task.AnswerMeasures;
import dev.lengthwise.task.TaskExample;
import dev.lengthwise.task.TaskFile;
import dev.lengthwise.task.TaskModel;
import dev.lengthwise.task.TaskPrediction;
import dev.lengthwise.task.TaskReader;
import dev.lengthwise.task.TaskResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `evaluate task -m MODEL --test FILE`: the measures of an encoder with a head, and what it
/// answers.
@Command(
    name = "task",
    description =
        "Measures of an encoder with the head of a task (classes, choices, answers in a text,"
            + " tags), and its predictions.",
    mixinStandardHelpOptions = true)
final class EvaluateTask implements Callable<Integer> {

  private static final int STRIDE = 128;

  @Mixin private EncoderModelOptions encoding = new EncoderModelOptions();

  @Option(
      names = "--test",
      required = true,
      paramLabel = "FILE",
      description =
          "Examples that are judged, JSON lines as docs/training.md says. Without answers there"
              + " are predictions only.")
  private Path test = Path.of("");

  @Option(
      names = "--predictions",
      paramLabel = "FILE",
      description = "Write what the model answers, a line of JSON for each example.")
  private @Nullable Path predictions;

  @Option(
      names = "--length",
      paramLabel = "N",
      description =
          "Tokens that are read at once: of a reading or tagging those of a window; default: as"
              + " many as the encoder reads.")
  private @Nullable Integer length;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = "Tokens that neighbouring windows share (default ${DEFAULT-VALUE}).")
  private int stride = STRIDE;

  @Option(
      names = "--longest-answer",
      paramLabel = "N",
      description = "Tokens of an answer in a text at most (default ${DEFAULT-VALUE}).")
  private int longestAnswer = TaskModel.LONGEST_ANSWER;

  @Option(
      names = "--answers",
      paramLabel = "SCRIPT",
      description =
          "How answers in texts are compared: ${COMPLETION-CANDIDATES}; default: CMRC where most"
              + " are Chinese.")
  private @Nullable AnswerMeasures answers;

  @Option(names = "--json", description = "The result as one line of JSON.")
  private boolean json;

  @Override
  public Integer call() {
    Usage.require(stride >= 0, "--stride must be at least 0, found " + stride);
    Usage.positive(longestAnswer, "--longest-answer");
    encoding.excess(); // refuses both options before anything is read
    if (predictions != null) {
      Usage.apart(predictions, List.of(test));
      ResultPlace.makeFor(predictions);
    }
    try (OpenModel open = encoding.open()) {
      TaskHead head =
          open.spec()
              .task()
              .orElseThrow(
                  () ->
                      new LengthwiseException(
                          "The model %s has no head of a task, such as BertForSequenceClassification has; train one with 'lengthwise train'."
                              .formatted(open.loaded().path())));
      List<TaskExample> examples = TaskFile.read(test, head.kind());
      boolean measured = isMeasured(examples);
      InferenceModel model = encoding.inference(open);
      TaskReader.Limits limits = limits(model);
      TaskReader reader = new TaskReader(open.tokenizer(), open.spec(), limits);
      List<TaskPrediction> found = new TaskModel(model, reader, longestAnswer).predict(examples);
      if (reader.cut() > 0) {
        System.err.printf(
            "texts longer than %d tokens, which are cut: %d%n", limits.longest(), reader.cut());
      }
      if (predictions != null) {
        write(predictions, head, examples, found);
      }
      if (measured) {
        report(open.name(), head, examples, found);
      }
    }
    return 0;
  }

  private TaskReader.Limits limits(InferenceModel model) {
    long longest = Encoder.longest(model, Long.MAX_VALUE, encoding.excess());
    if (length != null && (length < 3 || length > longest)) {
      throw new LengthwiseException(
          "--length is %d, and the encoder reads 3 to %d tokens; choose a method that reaches further, or fewer."
              .formatted(length, longest));
    }
    int tokens = length == null ? (int) Math.min(longest, Integer.MAX_VALUE) : length;
    return new TaskReader.Limits(tokens, stride, encoding.excess() == Encoder.Excess.CUT);
  }

  private static void write(
      Path file, TaskHead head, List<TaskExample> examples, List<TaskPrediction> found) {
    boolean nullable = TaskResult.isNullable(examples);
    AtomicFile.writeText(
        file,
        writer -> {
          for (int n = 0; n < examples.size(); n++) {
            Map<String, Object> line = TaskLine.of(head, examples.get(n), found.get(n), nullable);
            writer.write(JsonFile.line(line) + "\n");
          }
        });
  }

  // Asked before the model runs, which may take long.
  private boolean isMeasured(List<TaskExample> examples) {
    if (examples.stream().allMatch(TaskExample::isLabelled)) {
      return true;
    }
    if (predictions == null) {
      throw new LengthwiseException(
          "Examples of %s do not all say their answer, so nothing can be measured; add answers, or name a file with --predictions."
              .formatted(test));
    }
    System.err.println("Examples do not all say their answer: there are predictions only.");
    return false;
  }

  private void report(
      String model, TaskHead head, List<TaskExample> examples, List<TaskPrediction> found) {
    AnswerMeasures compared = answers == null ? TaskResult.comparison(examples) : answers;
    TaskResult result = TaskResult.of(head, examples, found, compared);
    if (json) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("model", model);
      line.put("test", test.toString());
      line.put("result", result);
      JsonOutput.print(line);
      return;
    }
    System.out.printf(Locale.ROOT, "%-12s %d%n", "examples", result.examples());
    result
        .measures()
        .forEach(
            (name, value) -> System.out.printf(Locale.ROOT, "%-12s %.2f%n", name, 100 * value));
  }
}
