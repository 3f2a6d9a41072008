package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/// The processes of a training on this machine: as many copies of this program, which meet at a
/// free port. When one ends with a failure, the others are stopped.
final class WorkerProcesses {

  // A name and no class: the program sees its commands, and no command sees the program.
  private static final String MAIN = "dev.lengthwise.app.Main";

  private static final Duration GRACE = Duration.ofSeconds(5);

  private final List<Process> processes = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  private final Consumer<String> log;

  private WorkerProcesses(Consumer<String> log) {
    this.log = log;
  }

  /// Runs `size` workers to their end.
  ///
  /// @param arguments the command line of each worker by its number, but for its place
  /// @param log receives what the workers say
  /// @throws LengthwiseException when a worker fails, with its number and status
  static void run(int size, IntFunction<List<String>> arguments, Consumer<String> log) {
    WorkerProcesses workers = new WorkerProcesses(log);
    Thread stop = new Thread(workers::stop, "stop-workers");
    Runtime.getRuntime().addShutdownHook(stop);
    try {
      String address = "127.0.0.1:" + freePort();
      for (int rank = 0; rank < size; rank++) {
        List<String> own = new ArrayList<>(arguments.apply(rank));
        own.addAll(
            List.of(
                "--workers",
                Integer.toString(size),
                "--rank",
                Integer.toString(rank),
                "--rendezvous",
                address));
        workers.start(rank, own);
      }
      workers.await();
    } finally {
      workers.stop();
      Runtime.getRuntime().removeShutdownHook(stop);
    }
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new LengthwiseException(
          "No free port for the workers of a training: " + FileReason.of(e), e);
    }
  }

  /// This program with other arguments, as the command of a process.
  static List<String> command(List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), MAIN));
    command.addAll(arguments);
    return command;
  }

  private void start(int rank, List<String> arguments) {
    try {
      Process process = new ProcessBuilder(command(arguments)).redirectErrorStream(true).start();
      processes.add(process);
      String prefix = rank == 0 ? "" : "worker " + rank + ": ";
      readers.add(Thread.ofVirtual().name("worker-" + rank).start(() -> read(process, prefix)));
    } catch (IOException e) {
      throw new LengthwiseException(
          "Worker " + rank + " cannot be started: " + FileReason.of(e), e);
    }
  }

  private void read(Process process, String prefix) {
    try (BufferedReader lines = process.inputReader()) {
      String line = lines.readLine();
      while (line != null) {
        log.accept(prefix + line);
        line = lines.readLine();
      }
    } catch (IOException e) {
      // The process was stopped while it spoke: there is nothing more to hear.
      return;
    }
  }

  // Until all have ended well, or one has not.
  private void await() {
    List<Integer> running = new ArrayList<>();
    for (int rank = 0; rank < processes.size(); rank++) {
      running.add(rank);
    }
    while (!running.isEmpty()) {
      CompletableFuture.anyOf(
              running.stream()
                  .map(rank -> processes.get(rank).onExit())
                  .toArray(CompletableFuture<?>[]::new))
          .join();
      running.removeIf(this::endedWell);
    }
    readers.forEach(WorkerProcesses::join);
  }

  private boolean endedWell(int rank) {
    Process process = processes.get(rank);
    if (process.isAlive()) {
      return false;
    }
    if (process.exitValue() != 0) {
      join(readers.get(rank));
      throw new LengthwiseException(
          "Worker %d of %d ended with status %d, so the others were stopped; start the same command"
                  .formatted(rank, processes.size(), process.exitValue())
              + " again to go on from the last checkpoint.");
    }
    return true;
  }

  private static void join(Thread reader) {
    try {
      reader.join(GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stop() {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
