package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.Sha256;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.PositionMethod;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Trains a model from scratch, or goes on with a run that stopped: AdamW on next-token loss.
///
/// The same configuration and data give the same bits, whatever the number of threads, and whether
/// or not the run was stopped at a checkpoint in between.
public final class Trainer implements AutoCloseable {

  private static final String OPTIMIZER = "optimizer.pt";
  private static final String STATE = "state.json";
  private static final int LOG_INTERVAL = 10;

  private final TrainConfig config;
  private final TrainingData data;
  private final RunFolder folder;
  private final DataParallel processes;
  private final GradientExchange exchange;
  private final Consumer<String> log;
  private final Parameters parameters;
  private final AdamOptimizer optimizer;
  private final TrainedModel model;
  private final Workers workers;
  private final Validation validation;
  private RunState state;

  private Trainer(
      TrainConfig config,
      TrainingData data,
      RunFolder folder,
      PositionMethod method,
      DataParallel processes,
      Consumer<String> log) {
    this.config = config;
    this.data = data;
    this.folder = folder;
    this.processes = processes;
    this.exchange = new GradientExchange(processes);
    this.log = processes.isFirst() ? log : _ -> {};
    ModelSpec spec = ModelExport.specOf(config, method);
    try (SharedCheckpoint shared =
        SharedCheckpoint.of(folder, List.of(ModelExport.WEIGHTS, OPTIMIZER, STATE), processes)) {
      Optional<Path> latest = shared.folder();
      parameters =
          latest
              .map(checkpoint -> Parameters.read(spec, checkpoint.resolve(ModelExport.WEIGHTS)))
              .orElseGet(() -> Parameters.random(spec, config.seed()));
      optimizer = new AdamOptimizer(parameters, config.optimizer());
      latest.ifPresent(checkpoint -> optimizer.read(checkpoint.resolve(OPTIMIZER)));
      state =
          latest
              .map(checkpoint -> AtomicFiles.readJson(checkpoint.resolve(STATE), RunState.class))
              .orElse(RunState.START);
    }
    workers = new Workers(config.threads());
    ScalarType type = precision();
    model = new TrainedModel(spec, parameters, method, type);
    validation = new Validation(config, data);
    this.log.accept(
        "%,d parameters; matrix products in %s; step %d of %d"
            .formatted(parameters.count(), type, state.step(), config.schedule().steps()));
  }

  // The choice of process 0: all must multiply alike.
  private ScalarType precision() {
    ScalarType own = workers.run(1, (_, _) -> HalfPrecision.choose(config.precision())).getFirst();
    byte[] name = processes.fromFirst(own.name().getBytes(StandardCharsets.UTF_8));
    return ScalarType.valueOf(new String(name, StandardCharsets.UTF_8));
  }

  /// Trains until the last step of the schedule, or until somebody puts a file `stop` into the run
  /// folder; either way the last step has a checkpoint, which [ModelExport] turns into a model.
  ///
  /// @param method what `config.method()` names
  /// @param dataFolder what [DataPreparation] wrote
  /// @param runFolder a new folder, or that of a run to go on with; used by process 0 only
  /// @param processes the processes that train together; each with the same configuration and data
  /// @param log receives lines for people
  public static void run(
      TrainConfig config,
      PositionMethod method,
      Path dataFolder,
      Path runFolder,
      DataParallel processes,
      Consumer<String> log) {
    run(config, method, dataFolder, runFolder, config.schedule().steps(), processes, log);
  }

  /// As `run`, but stops with a checkpoint after step `until`.
  static void run(
      TrainConfig config,
      PositionMethod method,
      Path dataFolder,
      Path runFolder,
      int until,
      DataParallel processes,
      Consumer<String> log) {
    try (TrainingData data = TrainingData.open(dataFolder)) {
      data.check(config);
      requireSame(config, data, processes);
      RunFolder folder = new RunFolder(runFolder);
      if (processes.isFirst()) {
        folder.claim(config);
      }
      try (Trainer trainer = new Trainer(config, data, folder, method, processes, log)) {
        trainer.runUntil(Math.min(until, config.schedule().steps()));
      }
    }
  }

  private static void requireSame(TrainConfig config, TrainingData data, DataParallel processes) {
    int parts = config.batch().accumulation();
    if (parts < processes.size()) {
      throw new LengthwiseException(
          "%d workers share the micro-batches of a step, but batch.accumulation is %d; set it to a"
                  .formatted(processes.size(), parts)
              + " multiple of the number of workers.");
    }
    String own = Sha256.of(AtomicFiles.jsonLine(config).getBytes(StandardCharsets.UTF_8));
    String all = own + " " + data.identity();
    byte[] first = processes.fromFirst(all.getBytes(StandardCharsets.UTF_8));
    if (!all.equals(new String(first, StandardCharsets.UTF_8))) {
      throw new LengthwiseException(
          "Worker %d has another %s than worker 0; start all workers with the same --config and the"
                  .formatted(
                      processes.rank(),
                      new String(first, StandardCharsets.UTF_8).startsWith(own)
                          ? "data folder"
                          : "configuration")
              + " same data.");
    }
  }

  private void runUntil(int last) {
    if (processes.isFirst()) {
      folder.rewindMetrics(state.step());
    }
    while (state.step() < last) {
      int step = state.step() + 1;
      long start = System.nanoTime();
      StepResult result = step(step);
      double seconds = (System.nanoTime() - start) * 1e-9;
      state = state.at(step);
      boolean stop = stopRequested();
      if (processes.isFirst()) {
        report(step, result, tokensOfStep() / seconds, last);
        if (stop || due(step, config.intervals().checkpoint(), last)) {
          save();
        }
      }
      if (stop) {
        log.accept("stopped after step %d, as asked".formatted(step));
        return;
      }
    }
  }

  private boolean stopRequested() {
    boolean asked = processes.isFirst() && folder.takeStopRequest();
    return processes.fromFirst(new byte[] {(byte) (asked ? 1 : 0)})[0] != 0;
  }

  private record StepResult(double loss, double gradientNorm) {}

  private long tokensOfStep() {
    return (long) config.batch().windows() * config.trainedLength();
  }

  private static boolean due(int step, int interval, int last) {
    return step % interval == 0 || step == last;
  }

  private StepResult step(int step) {
    int parts = config.batch().accumulation();
    int rank = processes.rank();
    int size = processes.size();
    List<TrainedModel.Pass> passes =
        workers.run(
            (parts - rank + size - 1) / size, // parts rank, rank + size, …
            (own, attention) ->
                model.pass(
                    data.microBatch(config, step, rank + own * size),
                    config.batch().sequences(),
                    1.0 / parts,
                    attention));
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      double share = passes.stream().mapToDouble(TrainedModel.Pass::loss).sum() / parts;
      double loss = exchange.sum(setGradients(passes), share);
      requireFinite(loss, "loss", step);
      double norm = torch.clip_grad_norm_(parameters.vector(), config.optimizer().clip(), 2, false);
      requireFinite(norm, "norm of the gradient", step);
      optimizer.step(config.schedule().learningRate(step));
      return new StepResult(loss, norm);
    } finally {
      passes.forEach(pass -> pass.gradients().releaseReference());
    }
  }

  private void requireFinite(double value, String what, int step) {
    if (!Double.isFinite(value)) {
      throw new LengthwiseException(
          "The %s of step %d is %s: training diverged; go on from the last checkpoint of %s with a"
                  .formatted(what, step, value, folder.path())
              + " smaller schedule.peakLearningRate.");
    }
  }

  /// Adds the gradients of all passes, in order.
  private List<Tensor> setGradients(List<TrainedModel.Pass> passes) {
    List<Tensor> sums = new ArrayList<>();
    int index = 0;
    for (Tensor parameter : parameters.tensors().values()) {
      Tensor sum = passes.getFirst().gradients().get(index);
      for (TrainedModel.Pass pass : passes.subList(1, passes.size())) {
        sum.add_(pass.gradients().get(index));
      }
      parameter.mutable_grad().put(sum);
      sums.add(sum);
      index++;
    }
    return sums;
  }

  private void report(int step, StepResult result, double speed, int last) {
    boolean validate = due(step, config.intervals().validation(), last);
    @Nullable Double loss = validate ? validation.loss(model, workers) : null;
    @Nullable Double retrieval = validate ? validation.retrieval(model, workers) : null;
    @Nullable String sample =
        due(step, config.intervals().sample(), last) ? validation.sample(model, workers) : null;
    if (loss != null) {
      state = state.validated(step, loss);
    }
    folder.append(
        new Metrics(
            step,
            step * tokensOfStep(),
            result.loss(),
            config.schedule().learningRate(step),
            result.gradientNorm(),
            speed,
            loss,
            retrieval,
            sample));
    if (step % LOG_INTERVAL == 0 || validate) {
      log.accept(
          String.format(
              Locale.ROOT,
              "step %d loss %.4f gradient %.2f %.0f tokens/s%s",
              step,
              result.loss(),
              result.gradientNorm(),
              speed,
              loss == null
                  ? ""
                  : String.format(
                      Locale.ROOT, " validation %.4f retrieval %.2f", loss, retrieval)));
    }
  }

  private void save() {
    requireFinite(parameters.sum(), "sum of the weights", state.step());
    folder.save(
        state,
        inside -> {
          ModelExport.write(inside, parameters, config, data, ScalarType.Float);
          optimizer.write(inside.resolve(OPTIMIZER));
          AtomicFiles.writeJson(inside.resolve(STATE), state);
        });
  }

  @Override
  public void close() {
    workers.close();
    optimizer.close();
    parameters.close();
  }
}
