package dev.lengthwise.train.distributed;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.torch.ComputeDevice;
import dev.lengthwise.torch.Libtorch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;

/// Processes that exchange gradients through c10d's Gloo: over TCP, on one machine or several.
///
/// The group of a process ends when one process dies: Gloo sees its connection close, and the next
/// call of the others fails with a sentence that says so.
public final class GlooProcesses implements DataParallel {

  private static final Duration POLL = Duration.ofMillis(100);

  private final Rendezvous rendezvous;
  private final TCPStore store;
  private final ProcessGroupGloo group;

  private GlooProcesses(Rendezvous rendezvous, TCPStore store, ProcessGroupGloo group) {
    this.rendezvous = rendezvous;
    this.store = store;
    this.group = group;
  }

  /// Meets the other processes; [LengthwiseException] when they do not come in time.
  public static GlooProcesses join(Rendezvous rendezvous) {
    requireKnown(rendezvous.host());
    Libtorch.loadGloo();
    return calling(
        "Worker %d of %d could not meet the others at %s: start %d workers with the ranks 0 to %d,"
                .formatted(
                    rendezvous.rank(),
                    rendezvous.size(),
                    rendezvous.address(),
                    rendezvous.size(),
                    rendezvous.size() - 1)
            + " with one --rendezvous that all machines reach, at a port that is free",
        () -> NativeOutput.onStandardError(() -> meet(rendezvous))); // Gloo says who has come
  }

  // c10d would ask for it again and again until the patience ends.
  private static void requireKnown(String host) {
    try {
      InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new LengthwiseException(
          "The host '%s' of --rendezvous is not known here; name the machine of worker 0 as this one"
                  .formatted(host)
              + " reaches it, or give its address.",
          e);
    }
  }

  private static GlooProcesses meet(Rendezvous rendezvous) {
    // c10d complains at length when nobody listens yet, so others than the first look first.
    String first = rendezvous.rank() == 0 ? null : ownAddress(rendezvous);
    try (PointerScope _ = new PointerScope()) {
      TCPStoreOptions options =
          new TCPStoreOptions()
              .port((short) rendezvous.port())
              .isServer(rendezvous.rank() == 0)
              .waitWorkers(false)
              .timeout(milliseconds(rendezvous.patience()));
      TCPStore store = new TCPStore(rendezvous.host(), options);
      String own = first != null ? first : ownAddress(rendezvous);
      ProcessGroupGloo.Options gloo =
          ProcessGroupGloo.Options.create(milliseconds(rendezvous.patience()));
      gloo.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(own)));
      ProcessGroupGloo group =
          new ProcessGroupGloo(store, rendezvous.rank(), rendezvous.size(), gloo);
      store.retainReference();
      group.retainReference();
      return new GlooProcesses(rendezvous, store, group);
    }
  }

  private static Milliseconds milliseconds(Duration duration) {
    return new Milliseconds(duration.toMillis());
  }

  // The address of this machine on the way to the first process, once that listens.
  private static String ownAddress(Rendezvous rendezvous) {
    long deadline = System.nanoTime() + rendezvous.patience().toNanos();
    while (true) {
      try (Socket socket = new Socket(rendezvous.host(), rendezvous.port())) {
        return socket.getLocalAddress().getHostAddress();
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("no worker 0 answers: " + e.getMessage(), e);
        }
        pause();
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// Where the processes of this group leave notes for one another.
  TCPStore store() {
    return store;
  }

  @Override
  public int rank() {
    return rendezvous.rank();
  }

  @Override
  public int size() {
    return rendezvous.size();
  }

  @Override
  public ComputeDevice device() {
    return ComputeDevice.CPU;
  }

  @Override
  public void sum(Tensor values) {
    exchange(() -> group.allreduce(new TensorVector(values)));
  }

  @Override
  public byte[] fromFirst(byte[] content) {
    try (PointerScope _ = new PointerScope()) {
      Tensor size = Tensor.create(new long[] {content.length}, 1);
      exchange(() -> group.broadcast(new TensorVector(size)));
      byte[] shared = new byte[Math.toIntExact(size.item_long())];
      Tensor bytes =
          isFirst()
              ? Tensor.create(content, content.length)
              : torch.zeros(new long[] {shared.length}, new TensorOptions(torch.ScalarType.Char));
      exchange(() -> group.broadcast(new TensorVector(bytes)));
      ByteBuffer buffer = bytes.createBuffer();
      buffer.get(shared);
      return shared;
    }
  }

  /// Waits for an exchange; a sentence that says what to do when another process does not answer.
  static void exchange(Supplier<Work> start) {
    calling(
        "Another worker of this training ended or does not answer; start all workers again: they go"
            + " on from the last checkpoint",
        () -> {
          try (PointerScope _ = new PointerScope()) {
            return start.get()._wait();
          }
        });
  }

  private static <T> T calling(String failure, Supplier<T> call) {
    try {
      return call.get();
    } catch (LengthwiseException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new LengthwiseException("%s (%s).".formatted(failure, reason(e)), e);
    }
  }

  // Without the place in the sources of libtorch.
  private static String reason(RuntimeException failure) {
    String line =
        String.valueOf(failure.getMessage()).lines().findFirst().orElse("").replaceAll("\\.$", "");
    return line.substring(line.startsWith("[") ? line.indexOf(']') + 1 : 0).strip();
  }

  @Override
  public void close() {
    group.releaseReference();
    store.releaseReference();
  }
}
