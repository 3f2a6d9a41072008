package dev.lengthwise.app.command;

import dev.lengthwise.app.options.Home;
import dev.lengthwise.app.options.RevisionOption;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.family.ModelLoader;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `inspect`: what a file holds.
@Command(
    name = "inspect",
    description = "Shows the header and the tensors of a checkpoint.",
    mixinStandardHelpOptions = true)
public final class InspectCommand implements Callable<Integer> {

  @Parameters(
      arity = "0..1",
      paramLabel = "MODEL",
      description = "File, folder, hub id or bundled name.")
  private String model = Home.BUNDLED_MODEL;

  @Mixin private RevisionOption revision = new RevisionOption();

  @Override
  public Integer call() {
    try (Checkpoint checkpoint = Checkpoints.open(revision.resolve(model))) {
      System.out.println(checkpoint.path() + "  (" + checkpoint.format() + ")");
      System.out.println("family: " + family(checkpoint));
      System.out.println(checkpoint.header().toPrettyString());
      long total = 0;
      for (TensorEntry tensor : checkpoint.tensors().values()) {
        System.out.printf(
            Locale.ROOT,
            "%-56s %-6s %s%n",
            tensor.name(),
            tensor.type(),
            Arrays.toString(tensor.shape()));
        total += tensor.elements();
      }
      System.out.printf(
          Locale.ROOT, "%d tensors, %,d values%n", checkpoint.tensors().size(), total);
      return 0;
    }
  }

  private static String family(Checkpoint checkpoint) {
    return ModelLoader.familyOf(checkpoint).orElse("none that this program can run");
  }
}
