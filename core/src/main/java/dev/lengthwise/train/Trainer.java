package dev.lengthwise.train;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.parallel.ProcessMemory;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.data.AnswerScore;
import dev.lengthwise.train.data.DataPreparation;
import dev.lengthwise.train.data.Masking;
import dev.lengthwise.train.data.TrainingData;
import dev.lengthwise.train.data.WindowSampler;
import dev.lengthwise.train.distributed.DataParallel;
import dev.lengthwise.train.optimise.Optimizer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// Trains a model from scratch or further, or goes on with a run that stopped: on the loss of the
/// next token, or of masked tokens where the model is bidirectional.
///
/// The same configuration and data give the same bits, whatever the number of threads, and whether
/// or not the run was stopped at a checkpoint in between.
public final class Trainer implements AutoCloseable {

  static final String OPTIMIZER = "optimizer.state";
  static final String STATE = "state.json";

  /// The files of a checkpoint that change from step to step.
  static final List<String> STATES = List.of(ModelExport.WEIGHTS, OPTIMIZER, STATE);

  private static final int LOG_INTERVAL = 10;

  private final TrainingSettings config;
  private final ModelSource source;
  private final TrainingData data;
  private final RunFolder folder;
  private final DataParallel processes;
  private final Consumer<String> log;
  private final Parameters parameters;
  private final Optimizer optimizer;
  private final TrainedModel model;
  private final TrainingWorkers workers;
  private final TrainingStep training;
  private final Validation validation;
  private final WindowSampler sampler;
  private RunState state;
  private int unusableSteps; // in a row, whose loss or gradient is not finite

  private Trainer(
      TrainingSettings config,
      ModelSource source,
      TrainingData data,
      RunFolder folder,
      Place place) {
    this.config = config;
    this.source = source;
    this.data = data;
    this.folder = folder;
    this.processes = place.processes;
    this.log = processes.isFirst() ? place.log : _ -> {};
    ModelSpec spec = source.spec();
    try (SharedCheckpoint shared = SharedCheckpoint.of(folder, STATES, processes)) {
      Optional<Path> latest = shared.folder();
      ComputeDevice device = processes.device();
      parameters =
          latest
              .map(from -> Parameters.read(spec, from.resolve(ModelExport.WEIGHTS), device))
              .orElseGet(() -> source.first(device));
      optimizer = Optimizer.of(config.optimizer(), parameters.tensors(), parameters.roles());
      latest.ifPresent(from -> optimizer.read(from.resolve(OPTIMIZER)));
      state =
          latest
              .map(from -> JsonFile.read(from.resolve(STATE), RunState.class))
              .orElse(RunState.START);
    }
    workers = new TrainingWorkers(config.threads());
    ScalarType type = precision();
    TrainingPlans plans = new TrainingPlans(spec, spec.declared(), config.trainedLength());
    model = new TrainedModel(parameters, plans, type, config.batch().gradientCheckpointing());
    training = new TrainingStep(model, parameters, optimizer, workers, processes);
    sampler =
        new WindowSampler(
            data,
            config.trainedLength(),
            config.batch().windows(),
            config.seed(),
            masking(spec, data));
    validation = new Validation(config, data, spec.isBidirectional(), sampler);
    this.log.accept(
        "%,d parameters; matrix products in %s; step %d of %d"
            .formatted(parameters.count(), type, state.step(), config.schedule().steps()));
  }

  /// Where a training runs, and what it tells people.
  private record Place(DataParallel processes, Consumer<String> log) {}

  // The choice of process 0: all must multiply alike.
  private ScalarType precision() {
    ScalarType own =
        workers
            .run(1, (_, _) -> MatmulPrecision.choose(config.precision(), processes.device()))
            .getFirst();
    byte[] name = processes.fromFirst(own.name().getBytes(StandardCharsets.UTF_8));
    return ScalarType.valueOf(new String(name, StandardCharsets.UTF_8));
  }

  /// Trains until the last step of the schedule, or until somebody puts a file `stop` into the run
  /// folder; either way the last step has a checkpoint, which [ModelExport] turns into a model.
  ///
  /// @param method what `config.method()` names
  /// @param dataFolder what [DataPreparation] wrote
  /// @param runFolder a new folder, or that of a run to go on with; used by process 0 only
  /// @param processes the processes that train together, each on its device; all with the same
  ///     configuration and data
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

  /// Goes on with a run that [FurtherTraining#begin] made, as `run` does with others.
  ///
  /// @param files reads what the checkpoints of the run say
  public static void goOn(
      FurtherConfig config,
      ModelFiles files,
      Path dataFolder,
      Path runFolder,
      DataParallel processes,
      Consumer<String> log) {
    goOn(config, files, dataFolder, runFolder, config.schedule().steps(), processes, log);
  }

  /// As `goOn`, but stops with a checkpoint after step `until`.
  static void goOn(
      FurtherConfig config,
      ModelFiles files,
      Path dataFolder,
      Path runFolder,
      int until,
      DataParallel processes,
      Consumer<String> log) {
    RunFolder folder = new RunFolder(runFolder);
    ModelSource source = ModelSource.Further.of(folder, files, processes);
    run(config, source, dataFolder, folder, until, new Place(processes, log));
  }

  /// Checks that data suits the settings; [LengthwiseException] otherwise.
  ///
  /// @param method what `config.method()` names
  /// @param dataFolder what [DataPreparation] wrote
  public static void check(TrainConfig config, PositionMethod method, Path dataFolder) {
    open(config, ModelExport.specOf(config, method), dataFolder).close();
  }

  static TrainingData open(TrainingSettings config, ModelSpec spec, Path dataFolder) {
    TrainingData data = TrainingData.open(dataFolder, config.data());
    try {
      data.check(config.trainedLength(), spec.vocabularySize());
      masking(spec, data);
      return data;
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  private static @Nullable Masking masking(ModelSpec spec, TrainingData data) {
    return spec.isBidirectional() ? data.masking(spec.vocabularySize()) : null;
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
    ModelSource source = new ModelSource.Fresh(config, method);
    run(config, source, dataFolder, new RunFolder(runFolder), until, new Place(processes, log));
  }

  private static void run(
      TrainingSettings config,
      ModelSource source,
      Path dataFolder,
      RunFolder folder,
      int until,
      Place place) {
    ModelSpec spec = source.spec();
    TrainingPlans.check(spec, config.trainedLength());
    try (TrainingData data = open(config, spec, dataFolder)) {
      ConfigConsistency.require(config, data, place.processes);
      TrainingSettings decided =
          MicroBatchTuner.decide(config, spec, folder, place.processes, place.log);
      if (place.processes.isFirst()) {
        folder.claim(decided);
      }
      try (Trainer trainer = new Trainer(decided, source, data, folder, place)) {
        trainer.runUntil(Math.min(until, decided.schedule().steps()));
      }
    }
  }

  private void runUntil(int last) {
    if (processes.isFirst()) {
      folder.rewindMetrics(state.step());
      reportBegin();
    }
    while (state.step() < last) {
      int step = state.step() + 1;
      long start = System.nanoTime();
      TrainingStep.Result result = step(step);
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

  // What the model that a run begins with does under the method of the training.
  private void reportBegin() {
    if (state.step() == 0 && source instanceof ModelSource.Further) {
      log.accept(
          String.format(Locale.ROOT, "step 0 validation %.4f", validation.loss(model, workers)));
    }
  }

  private boolean stopRequested() {
    boolean asked = processes.isFirst() && folder.takeStopRequest();
    return processes.fromFirst(new byte[] {(byte) (asked ? 1 : 0)})[0] != 0;
  }

  private long tokensOfStep() {
    return (long) config.batch().windows() * config.trainedLength();
  }

  private static boolean due(int step, int interval, int last) {
    return step % interval == 0 || step == last;
  }

  private TrainingStep.Result step(int step) {
    TrainingStep.Result result =
        training.take(microBatches(step), config.schedule().learningRate(step));
    unusableSteps = result.isFinite() ? 0 : unusableSteps + 1;
    if (unusableSteps > optimizer.toleratedSteps()) {
      requireFinite(result.loss(), "loss", step);
      requireFinite(result.gradientNorm(), "norm of the gradient", step);
    }
    return result;
  }

  private List<TrainingStep.MicroBatch> microBatches(int step) {
    int sequences = config.batch().sequences();
    return IntStream.range(0, config.batch().accumulation())
        .mapToObj(
            part ->
                new TrainingStep.MicroBatch(
                    sampler.batch(step, part * sequences, sequences),
                    TrainingPlans.seeds(config, step, part)))
        .toList();
  }

  private void requireFinite(double value, String what, int step) {
    if (!Double.isFinite(value)) {
      throw new LengthwiseException(
          "The %s of step %d is %s: training diverged; go on from the last checkpoint of %s with a"
                  .formatted(what, step, value, folder.path())
              + " smaller schedule.peakLearningRate.");
    }
  }

  private void report(int step, TrainingStep.Result result, double speed, int last) {
    boolean validate = due(step, config.intervals().validation(), last);
    @Nullable Double loss = validate ? validation.loss(model, workers) : null;
    Map<String, AnswerScore> answers = validate ? validation.answers(model, workers) : Map.of();
    @Nullable String sample =
        due(step, config.intervals().sample(), last) ? validation.sample(model, workers) : null;
    if (loss != null) {
      state = state.validated(step, loss);
    }
    OptionalLong peak = ProcessMemory.peakResident();
    folder.append(
        new StepMetrics(
            step,
            step * tokensOfStep(),
            result.loss(),
            config.schedule().learningRate(step),
            result.gradientNorm(),
            speed,
            peak.isPresent() ? peak.getAsLong() : null,
            loss,
            answers,
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
              loss == null ? "" : validated(loss, answers)));
    }
  }

  private static String validated(double loss, Map<String, AnswerScore> answers) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, " validation %.4f", loss));
    answers.forEach(
        (label, score) ->
            text.append(
                String.format(
                    Locale.ROOT, " %s %.2f (tokens %.2f)", label, score.exact(), score.tokens())));
    return text.toString();
  }

  private void save() {
    requireFinite(parameters.sum(), "sum of the weights", state.step());
    folder.save(
        state,
        inside -> {
          parameters.write(inside.resolve(ModelExport.WEIGHTS));
          source.writeBeside(inside, folder.latest(), data);
          optimizer.write(inside.resolve(OPTIMIZER));
          JsonFile.write(inside.resolve(STATE), state);
        });
  }

  @Override
  public void close() {
    workers.close();
    optimizer.close();
    parameters.close();
  }
}
