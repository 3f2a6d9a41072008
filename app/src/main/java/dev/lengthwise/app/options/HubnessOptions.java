package dev.lengthwise.app.options;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which vectors `diagnose --show HUBNESS` looks at.
public final class HubnessOptions {

  private static final int DEFAULT_NEIGHBOURS = 10;

  /// A matrix of vectors, in place of texts and a model.
  @Option(
      names = "--vectors",
      paramLabel = "FILE",
      description =
          "With HUBNESS: a .npy that embed wrote, one vector a row, in place of texts and a model.")
  public @Nullable Path vectors;

  /// Pairs of texts, alike where they have the greatest label.
  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "With HUBNESS: pairs of texts as for evaluate match; those of the greatest label are"
              + " partners that a search should find.")
  public @Nullable Path pairs;

  /// Whether rows of the matrix are partners.
  @Option(
      names = "--paired-rows",
      description = "With --vectors: rows 1 and 2, 3 and 4 and so on are partners.")
  public boolean pairedRows;

  /// `k`.
  @Option(
      names = "--nearest",
      paramLabel = "K",
      description = "With HUBNESS: neighbours of each vector (default 10).")
  public @Nullable Integer nearest;

  /// Complains where one of these was given, and something else is shown.
  public void requireNone() {
    Usage.require(
        vectors == null && pairs == null && !pairedRows && nearest == null,
        "--vectors, --pairs, --paired-rows and --nearest go with --show HUBNESS");
  }

  /// `k`, or its default.
  public int neighbours() {
    return nearest == null ? DEFAULT_NEIGHBOURS : nearest;
  }
}
