package dev.lengthwise.app;

import dev.lengthwise.method.MethodParser;
import dev.lengthwise.method.Rope;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.train.TrainConfig;
import dev.lengthwise.train.Trainer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
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

  @Override
  public Integer call() {
    TrainConfig settings = TrainConfig.read(config);
    PositionMethod method = new MethodParser(settings.shape(), new Rope()).parse(settings.method());
    Trainer.run(settings, method, data, out, System.err::println);
    System.out.println(out);
    return 0;
  }
}
