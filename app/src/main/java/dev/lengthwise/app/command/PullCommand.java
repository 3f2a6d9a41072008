package dev.lengthwise.app.command;

import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.hub.HubName;
import dev.lengthwise.hub.HubPull;
import dev.lengthwise.hub.HubSettings;
import dev.lengthwise.hub.Patience;
import dev.lengthwise.hub.PullProgress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `pull`: a model of a hub into the cache that Hugging Face programs share.
@Command(
    name = "pull",
    description = {
      "Fetches a model of a Hugging Face hub into its cache, and prints where it lies.",
      "Reads HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE and HF_HUB_OFFLINE."
    },
    mixinStandardHelpOptions = true)
public final class PullCommand implements Callable<Integer> {

  private final Map<String, String> environment;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "Hub id: org/name, or org/name:QUANT for one of its GGUF files, such as org/name:Q4_K_M.")
  private String model = "";

  @Mixin private RevisionOption revision = new RevisionOption();

  @Option(
      names = "--offline",
      description = "Do not touch the network: only say where the model lies.")
  private boolean offline;

  @Option(names = "--quiet", description = "No progress bar.")
  private boolean quiet;

  /// A command in the environment of this process.
  public PullCommand() {
    this(System.getenv());
  }

  PullCommand(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  @SuppressWarnings("ClosingStandardOutputStreams") // the resource leaves the stream open
  @Override
  public Integer call() {
    HubName name =
        HubName.parse(model)
            .orElseThrow(
                () ->
                    new WrongUsageException(
                        "A hub id is org/name or org/name:QUANT, found '" + model + "'"));
    HubSettings all = HubSettings.of(environment, Path.of(System.getProperty("user.home")));
    HubSettings settings = offline ? all.withoutNetwork() : all;
    Path path;
    try (TransferBar bar = new TransferBar(System.err, InstantSource.system())) {
      PullProgress progress = quiet ? (_, _, _) -> {} : bar;
      path = new HubPull(settings, Patience.USUAL, progress).pull(name, revision.value());
    }
    System.out.println(path);
    return 0;
  }
}
