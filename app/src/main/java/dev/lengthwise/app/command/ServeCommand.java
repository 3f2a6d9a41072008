package dev.lengthwise.app.command;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.app.options.ByteSize;
import dev.lengthwise.app.options.ChatTemplateOptions;
import dev.lengthwise.app.options.MethodOptions;
import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.OriginConverter;
import dev.lengthwise.app.options.Usage;
import dev.lengthwise.batch.BatchLimits;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.PlannedModel;
import dev.lengthwise.server.Server;
import dev.lengthwise.server.ServerSettings;
import dev.lengthwise.server.http.HttpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `serve`: a model over HTTP, until the process is asked to end.
@Command(
    name = "serve",
    description =
        "Serves a model over HTTP to clients of OpenAI's interface, with a position method in"
            + " every request.",
    mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {

  private static final int SHORTEST_CONTEXT = 4096;

  @Mixin private ModelOptions model = ModelOptions.forManyTexts();
  @Mixin private MethodOptions method = new MethodOptions();
  @Mixin private ChatTemplateOptions template = new ChatTemplateOptions();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "Address to listen at (default ${DEFAULT-VALUE}, which other machines do not reach).")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port to listen at (default ${DEFAULT-VALUE}); 0: any that is free.")
  private int port = 8080;

  @Option(
      names = "--api-key-file",
      paramLabel = "FILE",
      description =
          "File with the key that clients must know; or set LENGTHWISE_API_KEY. Default: none.")
  private @Nullable Path keyFile;

  @Option(
      names = "--cors-origin",
      paramLabel = "ORIGIN",
      converter = OriginConverter.class,
      description =
          "Origin whose pages may use the server from a browser, such as http://localhost:3000; *"
              + " for all; may be given several times. Default: none.")
  private List<String> origins = new ArrayList<>();

  @Option(
      names = {"-c", "--ctx-size"},
      paramLabel = "N",
      description =
          "Most tokens of a text, its prompt and answer; default: the trained length, or 4096 if"
              + " that is less.")
  private @Nullable Integer contextSize;

  @Option(
      names = {"-np", "--parallel"},
      paramLabel = "N",
      description = "Texts that run at once (default ${DEFAULT-VALUE}).")
  private int parallel = 8;

  @Option(
      names = "--queue",
      paramLabel = "N",
      description = "Texts that may wait for their turn (default ${DEFAULT-VALUE}).")
  private int queue = 512;

  @Option(
      names = "--cache-memory",
      paramLabel = "BYTES",
      converter = ByteSize.class,
      description =
          "Most memory of keys and values of all texts that run, such as 8G: others wait for it."
              + " Default: what --parallel texts of --ctx-size tokens take.")
  private long cacheMemory = Long.MAX_VALUE;

  @Option(
      names = "--prefix-cache",
      paramLabel = "BYTES|off",
      converter = SizeOrOff.class,
      description =
          "Most memory of begins of prompts that are kept for prompts to come, such as 2G (default"
              + " 512M).")
  private long prefixCache = 512L << 20;

  /// A size of memory, or `off`, which is none.
  private static final class SizeOrOff implements ITypeConverter<Long> {
    @Override
    public Long convert(String text) {
      return text.equals("off") ? 0L : new ByteSize().convert(text);
    }
  }

  @Option(
      names = "--alias",
      paramLabel = "NAME",
      description = "Name of the model for clients; default: that of its file or folder.")
  private @Nullable String alias;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "Longest time of an answer (default ${DEFAULT-VALUE}).")
  private int timeout = 600;

  @Option(
      names = "--max-body",
      paramLabel = "MIB",
      description = "Largest body of a request (default ${DEFAULT-VALUE}).")
  private int mostBody = 16;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Connections at the same time (default ${DEFAULT-VALUE}).")
  private int connections = 1024;

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "Folder whose reports (of compare and others) the page shows. Default: none.")
  private @Nullable Path results;

  @Option(
      names = "--slot-save-path",
      paramLabel = "DIR",
      description =
          "Folder in which /slots/ID?action=save keeps prompts that were read. Default: none.")
  private @Nullable Path slotFolder;

  @Option(
      names = "--stop-after",
      paramLabel = "SECONDS",
      description = "When asked to end: time for answers on their way (default ${DEFAULT-VALUE}).")
  private int stopAfter = 10;

  @SuppressWarnings("ClosingStandardOutputStreams") // the resource leaves the stream open
  @Override
  public Integer call() throws InterruptedException {
    check();
    Optional<String> key = key(System.getenv("LENGTHWISE_API_KEY"));
    PlannedModel planned = PlannedModel.read(model.path(), model.settings());
    Optional<ServerMemory> memory =
        planned.header().spec().isBidirectional() ? Optional.empty() : Optional.of(memory(planned));
    long machine = ByteSize.ofMachine();
    boolean fits = model.device.isCuda() || memory.stream().allMatch(all -> all.fits(machine));
    Optional<String> text =
        memory.map(all -> model.device.isCuda() ? all.text(model.device) : all.text(machine));
    if (!fits) {
      text.ifPresent(System.err::println); // while the process still lives
    }
    try (OpenModel open = model.open();
        Server server = Server.start(open, settings(open, key), System.err::println)) {
      if (fits) {
        text.ifPresent(System.err::println);
      }
      System.err.println(
          "Serving %s at http://%s:%d (stop with Ctrl-C)"
              .formatted(name(open), host, server.port()));
      CountDownLatch closed = new CountDownLatch(1);
      Thread hook = new Thread(() -> stop(server, closed));
      Runtime.getRuntime().addShutdownHook(hook);
      closed.await(); // the process ends while the hook runs
    }
    return 0;
  }

  private ServerMemory memory(PlannedModel planned) {
    int limit = limit(planned.shape());
    return new ServerMemory(
        planned.planner(
            planned.plans(method.text(), OptionalLong.of(limit)), planned.cacheType(), model.batch),
        limit,
        parallel,
        cacheMemory,
        prefixCache);
  }

  private int limit(ModelShape shape) {
    return contextSize == null
        ? Math.clamp(shape.trainedLength(), SHORTEST_CONTEXT, Integer.MAX_VALUE)
        : contextSize;
  }

  private void stop(Server server, CountDownLatch closed) {
    try {
      int left = server.stop(Duration.ofSeconds(stopAfter));
      System.err.println(
          left == 0
              ? "Stopped; every answer was finished."
              : "Stopped; %d texts had not ended and were called off.".formatted(left));
      server.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      closed.countDown();
    }
  }

  private void check() {
    Usage.require(port >= 0 && port <= 65535, "--port must be 0 to 65535, found " + port);
    Usage.positive(parallel, "--parallel");
    Usage.positive(cacheMemory, "--cache-memory");
    Usage.require(queue >= 0, "--queue must be 0 or more, found " + queue);
    Usage.positive(timeout, "--timeout");
    Usage.require(
        mostBody > 0 && mostBody < 2048, "--max-body must be 1 to 2047 MiB, found " + mostBody);
    Usage.positive(connections, "--connections");
    Usage.require(stopAfter >= 0, "--stop-after must be 0 or more, found " + stopAfter);
    Usage.require(
        results == null || Files.isDirectory(results), "--results " + results + " is no folder");
    Usage.require(
        slotFolder == null || Files.isDirectory(slotFolder),
        "--slot-save-path " + slotFolder + " is no folder");
    if (contextSize != null) {
      Usage.positive(contextSize, "--ctx-size");
    }
  }

  private Optional<String> key(@Nullable String ofEnvironment) {
    if (keyFile == null) {
      return Optional.ofNullable(ofEnvironment).filter(key -> !key.isBlank());
    }
    try {
      String key = Files.readString(keyFile).strip();
      Usage.require(!key.isEmpty(), "--api-key-file " + keyFile + " is empty");
      return Optional.of(key);
    } catch (IOException e) {
      throw new LengthwiseException(
          "The key cannot be read from %s: %s".formatted(keyFile, FileReason.of(e)), e);
    }
  }

  private String name(OpenModel open) {
    return alias == null ? open.name() : alias;
  }

  private ServerSettings settings(OpenModel open, Optional<String> key) {
    int limit = limit(open.shape());
    HttpSettings http =
        new HttpSettings(host, port, mostBody << 20, connections, Duration.ofSeconds(60), origins);
    BatchLimits limits =
        new BatchLimits(
            parallel, queue, model.batch, (long) limit * parallel, cacheMemory, prefixCache);
    return new ServerSettings(
        http,
        key,
        name(open),
        method.text(),
        template.parsedChoice(),
        limit,
        limits,
        Duration.ofSeconds(timeout),
        Optional.ofNullable(results),
        Optional.ofNullable(slotFolder));
  }
}
