package dev.lengthwise.app;

import dev.lengthwise.train.DataPreparation;
import dev.lengthwise.train.SourceJars;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `prepare`: tokenizer and tokens for training, from jars of Java sources.
@Command(
    name = "prepare",
    description = "Learns a tokenizer from jars of Java sources and turns them into tokens.",
    mixinStandardHelpOptions = true)
final class PrepareCommand implements Callable<Integer> {

  @Option(
      names = "--training",
      required = true,
      paramLabel = "DIR",
      description = "Folder of '-sources.jar' files to learn from.")
  private Path training = Path.of(".");

  @Option(
      names = "--held-out",
      required = true,
      paramLabel = "DIR",
      description = "Folder of '-sources.jar' files that only measure.")
  private Path heldOut = Path.of(".");

  @Option(
      names = "--vocab",
      paramLabel = "N",
      description = "Number of tokens (default ${DEFAULT-VALUE}).")
  private int vocabulary = 4096;

  @Option(
      names = "--retrieval",
      paramLabel = "N",
      description = "Number of retrieval documents (default ${DEFAULT-VALUE}).")
  private int retrieval = 20_000;

  @Option(names = "--seed", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
  private long seed = 42;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write.")
  private Path out = Path.of("data");

  @Override
  public Integer call() {
    Usage.positive(vocabulary, "--vocab");
    Usage.positive(retrieval, "--retrieval");
    new DataPreparation(
            SourceJars.in(training), SourceJars.in(heldOut), vocabulary, retrieval, seed)
        .writeTo(out, System.err::println);
    System.out.println(out);
    return 0;
  }
}
