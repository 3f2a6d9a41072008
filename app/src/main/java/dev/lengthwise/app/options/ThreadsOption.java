package dev.lengthwise.app.options;

import dev.lengthwise.parallel.Workers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// With how many threads a command computes.
public final class ThreadsOption {

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      converter = Count.class,
      description = "Threads; default: one for each processor.")
  private @Nullable Integer threads;

  /// A number of threads, with one sentence about all that is none.
  static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      try {
        int count = Integer.parseInt(text);
        if (count > 0 && count <= Workers.MOST_THREADS) {
          return count;
        }
      } catch (NumberFormatException _) {
        // said below
      }
      throw new TypeConversionException(
          "expected a whole number from 1 to %d, found '%s'".formatted(Workers.MOST_THREADS, text));
    }
  }

  /// Threads to compute with: those asked for, or one a processor.
  public int count() {
    return threads == null
        ? Math.min(Runtime.getRuntime().availableProcessors(), Workers.MOST_THREADS)
        : threads;
  }
}
