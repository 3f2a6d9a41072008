package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.DeviceConverter;
import dev.lengthwise.app.options.OpenModel;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.family.HuggingFaceWriter;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.train.ModelExport;
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
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `train`: a model from scratch, or a run that stopped.
@Command(
    name = "train",
    description = {
      "Trains a model from scratch; a run folder that already has checkpoints goes on.",
      "--config, --data and --out are needed; --data and --out not with --tiny."
    },
    mixinStandardHelpOptions = true)
public final class TrainCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "Settings as JSON; see docs/training.md.")
  private Path config = Path.of("train.json");

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

  /// What is read and where it is written.
  ///
  /// @param settings what `--config` says, or the tiny ones of that
  private record Job(TrainConfig settings, Path data, Path out) {

    PositionMethod method() {
      try {
        return new MethodParser(settings.shape(), new Rope()).parse(settings.method());
      } catch (LengthwiseException e) {
        throw new LengthwiseException("Training setting \"method\": " + e.getMessage(), e);
      }
    }
  }

  @Override
  public Integer call() {
    Usage.positive(workers, "--workers");
    TrainConfig settings = TrainConfig.read(config);
    if (tiny) {
      tryOut(settings);
      return 0;
    }
    if (data == null || out == null) {
      throw new WrongUsageException("train needs --data and --out, except with --tiny");
    }
    if (run(new Job(settings, data, out))) {
      System.out.println(out.resolve("model"));
    }
    return 0;
  }

  private void tryOut(TrainConfig settings) {
    try (TemporaryFolder temporary = new TemporaryFolder()) {
      Path texts = data;
      if (texts == null) {
        texts = temporary.path().resolve("data");
        TinyConfig.prepare(settings.data(), texts);
      } else {
        Trainer.check(settings, new Job(settings, texts, texts).method(), texts);
      }
      Path folder = out == null ? temporary.path().resolve("run") : out;
      new Job(settings, texts, folder).method(); // what suits the tiny model may not suit this one
      if (run(new Job(TinyConfig.of(settings, texts), texts, folder))) {
        System.out.println(
            out == null ? config + " works, at a tiny size" : folder.resolve("model").toString());
      }
    }
  }

  /// Trains; whether this process has the finished model.
  private boolean run(Job job) {
    PositionMethod method = job.method(); // a wrong one is said before any worker starts or waits
    if (rank == null && rendezvous == null) {
      if (workers == 1) {
        device.require();
        train(job, method, new SingleProcess(device));
      } else {
        job.settings().batch().requireWorkFor(workers);
        WorkerProcesses.run(workers, rank -> arguments(job, rank), System.err::println);
      }
      return true;
    }
    device.require();
    try (DataParallel processes = join(place())) {
      train(job, method, processes);
      return processes.isFirst();
    }
  }

  private DataParallel join(Rendezvous place) {
    return device.isCuda() ? NcclProcesses.join(place, device) : GlooProcesses.join(place);
  }

  private static void train(Job job, PositionMethod method, DataParallel processes) {
    Trainer.run(job.settings(), method, job.data(), job.out(), processes, System.err::println);
    if (processes.isFirst()) {
      ModelExport.export(
          method,
          job.data(),
          job.out(),
          job.out().resolve("model"),
          new HuggingFaceWriter(OpenModel::declared));
    }
  }

  // What a worker of this machine is called with, but for its place.
  private List<String> arguments(Job job, int worker) {
    List<String> arguments = new ArrayList<>(List.of("train", "--config", config.toString()));
    arguments.addAll(List.of("--data", job.data().toString(), "--out", job.out().toString()));
    arguments.addAll(List.of("--device", device.next(worker).toString()));
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
