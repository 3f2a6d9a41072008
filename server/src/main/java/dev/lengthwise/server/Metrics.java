package dev.lengthwise.server;

import dev.lengthwise.batch.Occupancy;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/// What a server has done since its start, in the text format of Prometheus.
final class Metrics {

  private final Map<Integer, LongAdder> answers = new ConcurrentSkipListMap<>();
  private final LongAdder cachedTokens = new LongAdder();
  private final LongAdder promptTokens = new LongAdder();
  private final LongAdder generatedTokens = new LongAdder();
  private final LongAdder embeddedTokens = new LongAdder();
  private final LongAdder left = new LongAdder();
  private final DoubleAdder promptSeconds = new DoubleAdder();
  private final DoubleAdder generationSeconds = new DoubleAdder();

  /// A request was answered.
  void answered(int status) {
    answers.computeIfAbsent(status, _ -> new LongAdder()).increment();
  }

  /// A client left before its texts had ended.
  void left() {
    left.increment();
  }

  /// A prompt was read.
  ///
  /// @param shared of its tokens, which were read for another one
  void read(int tokens, int shared, double seconds) {
    promptTokens.add(tokens);
    cachedTokens.add(shared);
    promptSeconds.add(seconds);
  }

  /// Vectors were made.
  void embedded(int tokens) {
    embeddedTokens.add(tokens);
  }

  /// A text was generated.
  void generated(int tokens, double seconds) {
    generatedTokens.add(tokens);
    generationSeconds.add(seconds);
  }

  /// All of it, and what is held now.
  String text(Occupancy now) {
    StringBuilder text = new StringBuilder();
    head(text, "lengthwise_requests_total", "counter", "Answers by status of HTTP.");
    answers.forEach(
        (status, count) ->
            text.append(
                "lengthwise_requests_total{status=\"%d\"} %d\n".formatted(status, count.sum())));
    add(text, "lengthwise_clients_left_total", "counter", "Clients that left early.", left.sum());
    add(text, "lengthwise_prompt_tokens_total", "counter", "Tokens.", promptTokens.sum());
    add(
        text,
        "lengthwise_prompt_tokens_cached_total",
        "counter",
        "Those of them that had been read for another prompt.",
        cachedTokens.sum());
    add(
        text,
        "lengthwise_generated_tokens_total",
        "counter",
        "Tokens generated.",
        generatedTokens.sum());
    add(
        text,
        "lengthwise_embedded_tokens_total",
        "counter",
        "Tokens that became vectors.",
        embeddedTokens.sum());
    add(
        text,
        "lengthwise_prompt_seconds_total",
        "counter",
        "Time from a place to a read prompt, of all texts.",
        promptSeconds.sum());
    add(
        text,
        "lengthwise_generation_seconds_total",
        "counter",
        "Time from a read prompt to the end, of all texts.",
        generationSeconds.sum());
    add(text, "lengthwise_texts_running", "gauge", "Texts that run.", now.running());
    add(text, "lengthwise_texts_waiting", "gauge", "Texts that wait.", now.waiting());
    add(text, "lengthwise_tokens_reserved", "gauge", "Most tokens of running texts.", now.tokens());
    add(
        text,
        "lengthwise_cache_bytes_reserved",
        "gauge",
        "Most memory of keys and values of running texts.",
        now.promisedBytes());
    add(text, "lengthwise_cache_bytes", "gauge", "That which they have.", now.cacheBytes());
    add(
        text,
        "lengthwise_prefix_cache_bytes",
        "gauge",
        "Memory of begins of prompts that are kept.",
        now.prefixBytes());
    return text.toString();
  }

  private static void head(StringBuilder text, String name, String type, String help) {
    text.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
  }

  private static void add(StringBuilder text, String name, String type, String help, long value) {
    head(text, name, type, help);
    text.append("%s %d\n".formatted(name, value));
  }

  private static void add(StringBuilder text, String name, String type, String help, double value) {
    head(text, name, type, help);
    text.append(String.format(Locale.ROOT, "%s %.6f\n", name, value));
  }
}
