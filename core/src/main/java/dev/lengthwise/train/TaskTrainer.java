package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FolderLock;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.parallel.Workers;
import dev.lengthwise.task.TaskInput;
import dev.lengthwise.task.TaskModel;
import dev.lengthwise.task.TaskReader;
import dev.lengthwise.task.TaskResult;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.optimise.Optimizer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;

/// Trains an encoder with the head of a task. Every validation writes the model of that step; a run
/// that stops leaves the last one, and does not go on.
///
/// The same settings give the same bits with the same number of threads.
public final class TaskTrainer implements AutoCloseable {

  private final TaskConfig config;
  private final TaskData data;
  private final EncoderRun run;
  private final Consumer<String> log;
  private final TaskReader reader;
  private final EpochBatches<TaskInput> batches;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final TaskGradient gradient;

  private TaskTrainer(
      TaskConfig config,
      TaskData data,
      StartingModel start,
      Tokenizer tokenizer,
      EncoderRun run,
      Consumer<String> log) {
    this.config = config;
    this.data = data;
    this.run = run;
    this.log = log;
    HeadTask task = config.task();
    reader = new TaskReader(tokenizer, start.spec(), task.limits());
    List<TaskInput> inputs = data.training().stream().map(reader::input).toList();
    data.validation().forEach(reader::input);
    batches = new EpochBatches<>(inputs, task.examples(), config.seed(), "examples");
    parameters = Parameters.of(start.spec(), start.weights(), config.seed(), ComputeDevice.CPU);
    gradient = new TaskGradient(parameters);
    optimizer = Optimizer.of(config.optimizer(), parameters.tensors(), parameters.roles());
  }

  /// Trains, and writes the model into `out`.
  ///
  /// @param data what the task of the settings names
  /// @param start the encoder to begin with, with a head for the labels of `data`
  /// @param out a new folder
  /// @param files knows what files of a model look like
  /// @param log receives lines for people
  /// @return the folder of the finished model
  /// @throws LengthwiseException where model, settings and examples do not go together
  public static Path run(
      TaskConfig config,
      TaskData data,
      StartingModel start,
      Path out,
      ModelFiles files,
      Consumer<String> log) {
    EncoderRun run = new EncoderRun(out, start, files);
    int before = torch.get_num_threads();
    torch.set_num_threads(Workers.atWork(config.threads()));
    try (FolderLock lock = FolderLock.of(out)) {
      EncoderRun.requireNew(lock);
      run(config, data, start, run, log);
    } finally {
      torch.set_num_threads(before);
    }
    return run.model();
  }

  private static void run(
      TaskConfig config, TaskData data, StartingModel start, EncoderRun run, Consumer<String> log) {
    Tokenizer tokenizer = start.tokenizerOfEncoder(config.task().length());
    try (TaskTrainer trainer = new TaskTrainer(config, data, start, tokenizer, run, log)) {
      trainer.train();
    }
  }

  private void train() {
    int last = config.schedule().steps();
    log.accept(
        "%,d parameters; %d steps of %d examples; %d texts are cut to %d tokens"
            .formatted(
                parameters.count(),
                last,
                config.task().examples(),
                reader.cut(),
                config.task().length()));
    run.steps(last, config.interval(), this::step, this::report, log);
  }

  private void report(int step, double loss) {
    TaskResult result = validate();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("step", step);
    line.put("loss", loss);
    line.putAll(result.measures());
    run.write(config, line, parameters, _ -> {});
    Map.Entry<String, Double> measure = result.first();
    log.accept(
        String.format(
            Locale.ROOT,
            "step %d loss %.4f validation %s %.4f",
            step,
            loss,
            measure.getKey(),
            measure.getValue()));
  }

  private double step(int step) {
    Dropout dropout = new Dropout(config.task().dropout(), config.seed(), step);
    double loss = gradient.of(batches.of(step), dropout, optimizer::add);
    optimizer.step(config.schedule().learningRate(step));
    return loss;
  }

  private TaskResult validate() {
    try (PointerScope _ = new PointerScope()) {
      TaskModel model = new TaskModel(gradient.model(), reader, config.task().longest());
      return TaskResult.of(
          gradient.head(),
          data.validation(),
          model.predict(data.validation()),
          TaskResult.comparison(data.validation()));
    }
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
  }
}
