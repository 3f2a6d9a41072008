package dev.lengthwise.app;

import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.train.DataParallel;
import dev.lengthwise.train.GlooProcesses;
import dev.lengthwise.train.ModelExport;
import dev.lengthwise.train.Rendezvous;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.Trainer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `train`: a model from scratch, or a run that stopped.
@Command(
    name = "train",
    description = "Trains a model from scratch; a run folder that already has checkpoints goes on.",
    mixinStandardHelpOptions = true)
final class TrainCommand implements Callable<Integer> {

  @Option(
      names = "--config",
      required = true,
      paramLabel = "FILE",
      description = "Settings as JSON; see docs/training.md.")
  private Path config = Path.of("train.json");

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Tokenizer and tokens that 'lengthwise prepare' wrote.")
  private Path data = Path.of("data");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Run folder: settings, metrics, checkpoints and the finished model.")
  private Path out = Path.of("runs");

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

  @Override
  public Integer call() {
    Usage.positive(workers, "--workers");
    TrainConfig settings = TrainConfig.read(config);
    PositionMethod method = new MethodParser(settings.shape(), new Rope()).parse(settings.method());
    if (rank == null && rendezvous == null) {
      if (workers == 1) {
        train(settings, method, DataParallel.ALONE);
      } else {
        WorkerProcesses.run(workers, arguments(), System.err::println);
      }
    } else {
      try (DataParallel processes = GlooProcesses.join(place())) {
        train(settings, method, processes);
        if (!processes.isFirst()) {
          return 0;
        }
      }
    }
    System.out.println(out.resolve("model"));
    return 0;
  }

  private void train(TrainConfig settings, PositionMethod method, DataParallel processes) {
    Trainer.run(settings, method, data, out, processes, System.err::println);
    if (processes.isFirst()) {
      ModelExport.export(method, data, out, out.resolve("model"));
    }
  }

  // What a worker of this machine is called with, but for its place.
  private List<String> arguments() {
    return List.of(
        "train", "--config", config.toString(), "--data", data.toString(), "--out", out.toString());
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
