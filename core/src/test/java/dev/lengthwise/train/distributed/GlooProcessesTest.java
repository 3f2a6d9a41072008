package dev.lengthwise.train.distributed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.LengthwiseException;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.assertj.core.data.Offset;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/// Members of one group in threads of one process; the command's test has real processes.
public class GlooProcessesTest {

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /// What `work` returns for every rank.
  public static <T> List<T> together(int size, Function<GlooProcesses, T> work) throws Exception {
    int port = freePort();
    try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
      List<Future<T>> running = new ArrayList<>();
      for (int rank = 0; rank < size; rank++) {
        Rendezvous rendezvous =
            new Rendezvous("127.0.0.1", port, rank, size, Duration.ofSeconds(30));
        running.add(
            threads.submit(
                () -> {
                  try (GlooProcesses processes = GlooProcesses.join(rendezvous)) {
                    return work.apply(processes);
                  }
                }));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> future : running) {
        results.add(future.get());
      }
      return results;
    }
  }

  @Test
  void sumsAreTheSameEverywhere() throws Exception {
    List<float[]> sums =
        together(
            3,
            processes -> {
              try (PointerScope _ = new PointerScope()) {
                float part = 0.1f * (processes.rank() + 1);
                Tensor values = Tensor.create(new float[] {1, processes.rank(), part}, 3);
                processes.sum(values);
                return new float[] {
                  values.get(0).item_float(), values.get(1).item_float(), values.get(2).item_float()
                };
              }
            });

    assertThat(sums.get(0)[0]).isEqualTo(3);
    assertThat(sums.get(0)[1]).isEqualTo(0 + 1 + 2);
    assertThat(sums.get(0)[2]).isCloseTo(0.6f, Offset.offset(1e-6f));
    assertThat(sums.get(1)).isEqualTo(sums.get(0));
    assertThat(sums.get(2)).isEqualTo(sums.get(0));
  }

  @Test
  void theFirstSpeaksForAll() throws Exception {
    List<byte[]> heard =
        together(2, processes -> processes.fromFirst(new byte[] {1, (byte) processes.rank(), -3}));

    assertThat(heard).containsExactly(new byte[] {1, 0, -3}, new byte[] {1, 0, -3});
  }

  @Test
  void aWorkerThatLeftIsNamed() throws Exception {
    List<String> ends =
        together(
            2,
            processes -> {
              if (!processes.isFirst()) {
                return "left";
              }
              try (PointerScope _ = new PointerScope()) {
                Tensor values = Tensor.create(new float[] {1}, 1);
                processes.sum(values);
                return "no failure";
              } catch (LengthwiseException e) {
                return String.valueOf(e.getMessage());
              }
            });

    assertThat(ends.getFirst())
        .contains("Another worker of this training ended")
        .contains("go on from the last checkpoint")
        .endsWith(").")
        .doesNotContain(".cc");
  }

  @Test
  void nobodyAtTheRendezvousIsAnError() throws IOException {
    Rendezvous alone = new Rendezvous("127.0.0.1", freePort(), 1, 2, Duration.ofMillis(300));

    assertThatThrownBy(() -> GlooProcesses.join(alone))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("Worker 1 of 2 could not meet the others at 127.0.0.1:");
  }

  @Test
  void ranksAreBelowTheSize() {
    assertThatThrownBy(() -> new Rendezvous("127.0.0.1", 5000, 2, 2, Duration.ofSeconds(1)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessage("The rank of a rendezvous must be 0 to 1; found 2.");
  }
}
