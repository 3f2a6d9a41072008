package dev.lengthwise.app.command;

import dev.lengthwise.app.options.ModelOptions;
import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.app.options.Version;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.runtime.OpenModel;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The record of how a number came about, stored beside every result.
final class Protocol {

  private final Map<String, Object> entries = new LinkedHashMap<>();

  /// What every protocol of a model says.
  Protocol(OpenModel model, ModelOptions options) {
    this(model.name(), model.spec(), options);
    entries.put("model_sha256", model.loaded().sha256());
    entries.put("engine", name(model.engineThatRuns()));
    entries.put("dtype", name(model.loaded().precision()));
    entries.put("weights", weightTypes(model));
    entries.put("activations", name(model.activations()));
    entries.put("cache_type", name(model.cacheType()));
  }

  /// What a protocol says of a model that has no file.
  Protocol(String name, ModelSpec spec, ModelOptions options) {
    entries.put("model", name);
    entries.put("model_sha256", "none: no file");
    entries.put("family", spec.family());
    entries.put("trained_length", spec.shape().trainedLength());
    entries.put("declared_method", spec.declared().name());
    entries.put("cache_type", name(OpenModel.cacheType(options.settings(), List.of())));
    entries.put("engine", name(options.engine));
    entries.put("device", options.device.toString());
    entries.put("repack", options.settings().repacks() && !options.settings().isDense());
    entries.put("activations", name(options.settings().activationsUsed()));
    entries.put("threads", options.threads());
    entries.put("batch_size", options.batch);
    entries.put("version", Version.version());
    entries.put("commit", Version.commit());
    entries.put("jdk", Runtime.version().toString());
    entries.put(
        "date", InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  // Such as `q4_k+q6_k`.
  private static String weightTypes(OpenModel model) {
    return model.loaded().weightTypes().stream()
        .map(Protocol::name)
        .collect(Collectors.joining("+"));
  }

  Protocol with(String key, Object value) {
    entries.put(key, value);
    return this;
  }

  Protocol withTokenizer(OpenModel model) {
    return with("tokenizer", model.tokenizer().name())
        .with("tokenizer_sha256", model.tokenizer().sha256());
  }

  Protocol withTexts(List<TextOptions.TokenText> texts) {
    return with(
        "texts",
        texts.stream().map(text -> Map.of("name", text.name(), "sha256", text.sha256())).toList());
  }

  Map<String, Object> entries() {
    return new LinkedHashMap<>(entries);
  }
}
