package dev.lengthwise.app.command;

import dev.lengthwise.app.options.DeviceConverter;
import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.io.FolderLock;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.FurtherConfig;
import dev.lengthwise.train.FurtherTraining;
import dev.lengthwise.train.TinyConfig;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.Trainer;
import dev.lengthwise.train.distributed.DataParallel;
import dev.lengthwise.train.distributed.GlooProcesses;
import dev.lengthwise.train.distributed.NcclProcesses;
import dev.lengthwise.train.distributed.Rendezvous;
import dev.lengthwise.train.distributed.SingleProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `train`: a model from scratch, a model that exists further, or a run that stopped.
@Command(
    name = "train",
    description = {
      "Trains a model from scratch, or with --from one that exists; a run folder that already has"
          + " checkpoints goes on.",
      "--data and --out are needed except with --tiny, --config except for runs that began with"
          + " --from."
    },
    mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings as JSON; see docs/training.md.")
  private @Nullable Path config;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "Train this model further: file, folder, run folder, hub id or bundled name. The run does"
              + " not need it again: leave --from out to go on.")
  private @Nullable String from;

  @Mixin private RevisionOption revision = new RevisionOption();

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      description =
          "With --from: position method of the training, such as yarn:factor=4; default: that of"
              + " the settings, or else the model's own.")
  private @Nullable String method;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Tokenizer and tokens that 'lengthwise prepare' wrote.")
  private @Nullable Path data;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Run folder: settings, metrics, checkpoints and the finished model.")
  private @Nullable Path out;

  @Option(
      names = "--tiny",
      description =
          "Try the settings within seconds: the same method, blocks, optimiser, schedule and data,"
              + " but a tiny model and a few steps. Without --data it reads generated questions;"
              + " without --out nothing is kept.")
  private boolean tiny;

  @Option(
      names = "--workers",
      paramLabel = "N",
      description =
          "Processes that share every batch (default ${DEFAULT-VALUE}). Without --rank they all"
              + " run on this machine.")
  private int workers = 1;

  @Option(
      names = "--rank",
      paramLabel = "R",
      description =
          "Number of this worker, from 0, where workers are started one by one, for instance on"
              + " several machines. Worker 0 writes the run folder.")
  private @Nullable Integer rank;

  @Option(
      names = "--rendezvous",
      paramLabel = "HOST:PORT",
      description = "With --rank: where worker 0 listens.")
  private @Nullable String rendezvous;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      converter = DeviceConverter.class,
      description =
          "Where to compute: cpu, cuda, cuda:1, … (default ${DEFAULT-VALUE}). Of several workers on"
              + " this machine, each has the GPU after that of the one before.")
  private ComputeDevice device = ComputeDevice.CPU;

  @Override
  public Integer call() {
    Usage.positive(workers, "--workers");
    Usage.require(method == null || from != null, "--method is for --from; settings name it else");
    if (config != null && TaskStart.isMeantBy(config)) {
      return encoder(config);
    }
    if (tiny) {
      Usage.require(from == null, "--tiny tries settings from scratch; leave --from out");
      tryOut(TrainConfig.read(requiredConfig()));
      return 0;
    }
    if (data == null || out == null) {
      throw new WrongUsageException("train needs --data and --out, except with --tiny");
    }
    TrainingJob job = job(data, out);
    if (workers == 1) {
      return stoppable(job.out(), () -> trained(job));
    }
    trained(job);
    return 0;
  }

  private void trained(TrainingJob job) {
    if (run(job)) {
      System.out.println(job.model());
    }
  }

  // The status of the process: of several workers, the one that started them ends them.
  private static int stoppable(Path folder, Runnable training) {
    try (StopSignals signals = new StopSignals(folder)) {
      training.run();
      return signals.status();
    }
  }

  // Texts are named by the settings, and one process trains on a processor.
  private int encoder(Path settings) {
    Usage.require(
        data == null && method == null && workers == 1 && rank == null && !device.isCuda(),
        "settings with a task name their texts, and take no --data, --method, --workers or"
            + " --device");
    if (TaskStart.isMatch(settings)) {
      if (from == null || out == null || tiny) {
        throw new WrongUsageException(
            "settings with the task match train an encoder on pairs of texts, which needs --from"
                + " and --out, and takes no --tiny");
      }
      MatchStart start = new MatchStart(from, revision, settings);
      Path folder = out;
      return stoppable(folder, () -> System.out.println(start.run(folder)));
    }
    Usage.require(from == null || !tiny, "--tiny tries settings from scratch; leave --from out");
    TaskStart start = new TaskStart(from, revision, settings, tiny);
    if (out != null) {
      Path folder = out;
      return stoppable(folder, () -> System.out.println(start.run(folder)));
    }
    Usage.require(tiny, "settings with a task need --out, except with --tiny");
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      start.run(temporary.path().resolve("run"));
      System.out.println(settings + " works, at a tiny size");
      return 0;
    }
  }

  private Path requiredConfig() {
    if (config == null) {
      throw new WrongUsageException(
          "train needs --config, except with --from and for runs that began with it");
    }
    return config;
  }

  private TrainingJob job(Path texts, Path folder) {
    if (from != null) {
      Usage.require(
          rank == null, "--from begins a run, once; start workers by hand when it has begun");
      device.require();
      FurtherStart start = new FurtherStart(from, revision, method, config);
      return new TrainingJob.Further(start.begin(texts, folder, workers), texts, folder);
    }
    Optional<FurtherConfig> begun = FurtherTraining.settings(folder);
    if (begun.isEmpty()) {
      return new TrainingJob.Fresh(TrainConfig.read(requiredConfig()), texts, folder);
    }
    FurtherConfig settings =
        config == null ? begun.get() : FurtherSettings.read(config).goingOn(begun.get());
    return new TrainingJob.Further(settings, texts, folder);
  }

  private void tryOut(TrainConfig settings) {
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      Path folder = out == null ? temporary.path().resolve("run") : out;
      Path texts = data == null ? temporary.path().resolve("data") : data;
      TrainingJob.Fresh whole = new TrainingJob.Fresh(settings, texts, folder);
      if (data == null) {
        TinyConfig.prepare(settings.data(), texts);
        whole.check(); // what suits the tiny model may not suit this one
      } else {
        Trainer.check(settings, whole.method(), texts);
      }
      TrainingJob small = new TrainingJob.Fresh(TinyConfig.of(settings, texts), texts, folder);
      if (run(small)) {
        System.out.println(
            out == null ? config + " works, at a tiny size" : small.model().toString());
      }
    }
  }

  /// Trains; whether this process has the finished model.
  private boolean run(TrainingJob job) {
    job.check();
    if (rank == null && rendezvous == null) {
      if (workers == 1) {
        device.require();
        train(job, new SingleProcess(device));
      } else {
        job.settings().batch().requireWorkFor(workers);
        WorkerProcesses.run(workers, rank -> arguments(job, rank), System.err::println);
      }
      return true;
    }
    device.require();
    try (DataParallel processes = join(place())) {
      train(job, processes);
      return processes.isFirst();
    }
  }

  private DataParallel join(Rendezvous place) {
    return device.isCuda() ? NcclProcesses.join(place, device) : GlooProcesses.join(place);
  }

  private static void train(TrainingJob job, DataParallel processes) {
    if (!processes.isFirst()) {
      job.train(processes);
      return;
    }
    try (FolderLock _ = FolderLock.of(job.out())) {
      job.train(processes);
      job.export();
    }
  }

  // What a worker of this machine is called with, but for its place. A run that began with a model
  // has begun: its workers go on with it.
  private List<String> arguments(TrainingJob job, int worker) {
    List<String> arguments = new ArrayList<>(List.of("train"));
    arguments.addAll(List.of("--data", job.data().toString(), "--out", job.out().toString()));
    arguments.addAll(List.of("--device", device.next(worker).toString()));
    if (config != null && from == null) {
      arguments.addAll(List.of("--config", config.toString()));
    }
    if (tiny) {
      arguments.add("--tiny");
    }
    return arguments;
  }

  private Rendezvous place() {
    if (rank == null || rendezvous == null) {
      throw new WrongUsageException(
          "--rank and --rendezvous belong together: --workers N --rank R --rendezvous HOST:PORT");
    }
    int colon = rendezvous.lastIndexOf(':');
    try {
      int port = Integer.parseInt(rendezvous.substring(colon + 1));
      return new Rendezvous(
          rendezvous.substring(0, Math.max(colon, 0)),
          port,
          rank,
          workers,
          Rendezvous.USUAL_PATIENCE);
    } catch (NumberFormatException e) {
      throw new WrongUsageException(
          "--rendezvous must be HOST:PORT, for instance 10.0.0.1:29500; found " + rendezvous);
    }
  }
}
