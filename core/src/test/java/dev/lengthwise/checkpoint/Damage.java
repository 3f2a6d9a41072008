package dev.lengthwise.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.lengthwise.LengthwiseException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;

/// Damages a small valid file in many ways and expects success or a clear error.
public final class Damage {

  private static final int MUTATIONS = 2_000;
  private static final long MOST_HEAP = 16 << 20;

  private Damage() {}

  /// Every file that ends too early is an error that names the file.
  public static void everyPrefixIsRefused(
      Path folder, byte[] valid, Function<Path, ? extends Checkpoint> open) {
    Path file = folder.resolve("truncated.bin");
    for (int length = 0; length < valid.length; length++) {
      FileBytes.write(file, Arrays.copyOf(valid, length));
      assertThatThrownBy(() -> open.apply(file).close())
          .as("first %d of %d bytes", length, valid.length)
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("truncated.bin");
    }
  }

  /// One to three changed bytes among the first `headerLength`: read completely or refused, and
  /// little heap taken either way.
  public static void changedBytesAreReadOrRefused(
      Path folder, byte[] valid, int headerLength, Function<Path, ? extends Checkpoint> open) {
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    Random random = new Random(20261122);
    Path file = folder.resolve("changed.bin");
    int refused = 0;
    for (int round = 0; round < MUTATIONS; round++) {
      byte[] bytes = valid.clone();
      for (int change = random.nextInt(3); change >= 0; change--) {
        bytes[random.nextInt(headerLength)] = (byte) random.nextInt(256);
      }
      FileBytes.write(file, bytes);
      long before = threads.getCurrentThreadAllocatedBytes();
      try (Checkpoint checkpoint = open.apply(file)) {
        checkpoint.header();
        checkpoint.tensors().values().forEach(TensorEntry::toFloats);
      } catch (LengthwiseException e) {
        refused++;
        assertThat(e.getMessage()).isNotBlank();
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_HEAP);
    }
    assertThat(refused).isPositive();
  }
}
