package dev.lengthwise.app.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// An installed `llama-bench`, the program of llama.cpp that measures what `bench` measures. Each
/// measurement is a process of its own, on the processor alone, with flash attention, which is its
/// own fastest.
///
/// @param binary the program
/// @param model a GGUF file
/// @param threads its threads
/// @param cacheType how it keeps keys and values, as it names that
record LlamaBench(Path binary, Path model, int threads, String cacheType) {

  private static final JsonMapper MAPPER = new JsonMapper();

  // What our launcher sets for our own process. With sleeping OpenMP threads llama.cpp decodes at a
  // third of its speed.
  private static final Set<String> LAUNCHER_VARIABLES =
      Set.of(
          "OMP_WAIT_POLICY",
          "OPENBLAS_THREAD_TIMEOUT",
          "MALLOC_ARENA_MAX",
          "MALLOC_MMAP_MAX_",
          "MALLOC_TRIM_THRESHOLD_",
          "MALLOC_TOP_PAD_");

  private record Output(int status, String out, String err) {}

  /// Checks that the program is one.
  ///
  /// @throws LengthwiseException where it cannot be started or is something else
  void check() {
    Output help = run(List.of("--help"));
    if (!(help.out + help.err).contains("--n-gen")) {
      throw new LengthwiseException(
          "%s is no llama-bench: expected --n-gen in what --help says, found %s; name the program llama-bench of llama.cpp."
              .formatted(binary, quoted(help.out.isBlank() ? help.err : help.out)));
    }
  }

  /// Seconds of reading `tokens` tokens.
  double prefill(int tokens, int chunk) {
    return seconds(
        "n_prompt", tokens, "-p", "" + tokens, "-n", "0", "-ub", "" + chunk, "-b", "" + chunk);
  }

  /// Seconds of writing `tokens` tokens after `depth` others.
  double decode(int depth, int tokens) {
    return seconds("n_gen", tokens, "-p", "0", "-n", "" + tokens, "-d", "" + depth);
  }

  private double seconds(String count, int tokens, String... what) {
    List<String> arguments = new ArrayList<>(List.of("-m", model.toString(), "-o", "json"));
    arguments.addAll(List.of("-t", "" + threads, "-r", "1", "-ngl", "0", "-fa", "1"));
    arguments.addAll(List.of("-ctk", cacheType, "-ctv", cacheType));
    arguments.addAll(List.of(what));
    Output output = run(arguments);
    if (output.status != 0) {
      throw new LengthwiseException(
          "%s ended with status %d on %s: %s; try it by itself."
              .formatted(binary, output.status, model, quoted(lastLine(output.err))));
    }
    try {
      for (JsonNode test : MAPPER.readTree(output.out)) {
        double nanoseconds = test.path("samples_ns").path(0).asDouble();
        if (test.path(count).asInt() == tokens && nanoseconds > 0) {
          return nanoseconds * 1e-9;
        }
      }
    } catch (JsonProcessingException e) {
      throw unexpected(count, tokens, output.out, e);
    }
    throw unexpected(count, tokens, output.out, null);
  }

  private LengthwiseException unexpected(
      String count, int tokens, String out, @Nullable Throwable cause) {
    return new LengthwiseException(
        "%s wrote no measurement: expected a JSON list with \"%s\": %d and \"samples_ns\", found %s; another version of llama.cpp may be needed."
            .formatted(binary, count, tokens, quoted(out)),
        cause);
  }

  private Output run(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(binary.toString()));
    command.addAll(arguments);
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
      builder.environment().keySet().removeAll(LAUNCHER_VARIABLES);
      Process process = builder.start();
      try {
        CompletableFuture<String> err =
            CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
        CompletableFuture<String> out =
            CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
        return new Output(process.waitFor(), out.join(), err.join());
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new LengthwiseException(
          "%s cannot be started: %s; name the program llama-bench of llama.cpp."
              .formatted(binary, FileReason.of(e)),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LengthwiseException("The measurement was interrupted.", e);
    }
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // the process was stopped while it spoke
    }
  }

  private static String lastLine(String text) {
    return text.lines().filter(line -> !line.isBlank()).reduce("", (_, last) -> last);
  }

  private static String quoted(String text) {
    String line = text.lines().findFirst().orElse("").strip();
    return line.isEmpty() ? "nothing" : "'" + line.substring(0, Math.min(60, line.length())) + "'";
  }
}
