package dev.lengthwise.encode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonObjects;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A folder of sentence-transformers: `modules.json` lists a transformer, its pooling, and what
/// comes after, each with a folder of its own.
///
/// Files of both generations are read: pooling as one name or as a flag for each kind, classes
/// under their old and new names.
final class EncoderFolder {

  private static final String MODULES = "modules.json";
  private static final String PROMPTS = "config_sentence_transformers.json";
  private static final String CONFIG = "config.json";
  private static final Map<String, Pooling> NAMES =
      Map.of(
          "cls", Pooling.CLS,
          "mean", Pooling.MEAN,
          "max", Pooling.MAX,
          "lasttoken", Pooling.LAST);
  private static final Map<String, Pooling> FLAGS =
      Map.of(
          "pooling_mode_cls_token", Pooling.CLS,
          "pooling_mode_mean_tokens", Pooling.MEAN,
          "pooling_mode_max_tokens", Pooling.MAX,
          "pooling_mode_lasttoken", Pooling.LAST);

  private final Path folder;
  private final List<Module> modules;

  private EncoderFolder(Path folder, List<Module> modules) {
    this.folder = folder;
    this.modules = modules;
  }

  /// @param kind the simple name of its class
  private record Module(String kind, Path folder) {}

  /// The folder, where it is one.
  static Optional<EncoderFolder> of(Path folder) {
    Path file = folder.resolve(MODULES);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    List<Module> modules = new ArrayList<>();
    for (JsonNode module : list(file)) {
      String type = module.path("type").asText();
      modules.add(
          new Module(
              type.substring(type.lastIndexOf('.') + 1),
              folder.resolve(module.path("path").asText())));
    }
    if (modules.isEmpty() || !modules.getFirst().kind.equals("Transformer")) {
      throw new LengthwiseException(
          "%s must begin with a Transformer; found %s. Models of other modules are not supported."
              .formatted(file, modules.isEmpty() ? "nothing" : modules.getFirst().kind));
    }
    return Optional.of(new EncoderFolder(folder, modules));
  }

  private static JsonNode list(Path file) {
    try {
      return JsonObjects.STRICT.readTree(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new LengthwiseException(
          "File %s cannot be read: %s; fetch it again.".formatted(file, FileReason.of(e)), e);
    }
  }

  /// The folder of the transformer: config, weights and tokenizer.
  Path transformer() {
    return modules.getFirst().folder;
  }

  /// What the modules after the transformer do.
  ///
  /// @throws LengthwiseException of a module or a setting that is not supported
  Recipe recipe() {
    Pooling pooling = Pooling.MEAN;
    boolean countsPrompt = true;
    List<VectorStep> steps = new ArrayList<>();
    for (Module module : modules.subList(1, modules.size())) {
      switch (module.kind) {
        case "Pooling" -> {
          ObjectNode config = JsonObjects.readStrictObject(module.folder.resolve(CONFIG));
          pooling = pooling(config, module.folder);
          countsPrompt = config.path("include_prompt").asBoolean(true);
        }
        case "Dense" -> steps.add(dense(module.folder));
        case "Normalize" -> steps.add(new VectorStep.Normalize());
        default ->
            throw new LengthwiseException(
                "%s has the module %s; Pooling, Dense and Normalize are supported."
                    .formatted(folder.resolve(MODULES), module.kind));
      }
    }
    ObjectNode prompts = optional(folder.resolve(PROMPTS));
    ObjectNode own = optional(transformer().resolve("sentence_bert_config.json"));
    return new Recipe(
        pooling,
        countsPrompt,
        steps,
        texts(prompts.path("prompts")),
        Optional.ofNullable(prompts.path("default_prompt_name").textValue()),
        longest(own),
        own.path("do_lower_case").asBoolean());
  }

  private long longest(ObjectNode config) {
    long bound = positive(config.path("max_seq_length")).orElse(Long.MAX_VALUE);
    ObjectNode tokenizer = optional(transformer().resolve("tokenizer_config.json"));
    return Math.min(bound, positive(tokenizer.path("model_max_length")).orElse(Long.MAX_VALUE));
  }

  // Tokenizers without a bound write a number with thirty digits.
  private static OptionalLong positive(JsonNode number) {
    return number.canConvertToLong() && number.asLong() > 0
        ? OptionalLong.of(number.asLong())
        : OptionalLong.empty();
  }

  private static ObjectNode optional(Path file) {
    return Files.isRegularFile(file)
        ? JsonObjects.readPythonObject(file)
        : JsonObjects.emptyObject();
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new HashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }

  private static Pooling pooling(ObjectNode config, Path folder) {
    String name = config.path("pooling_mode").asText();
    List<Pooling> found = new ArrayList<>();
    if (NAMES.containsKey(name)) {
      found.add(NAMES.get(name));
    }
    List<String> others = new ArrayList<>();
    config
        .properties()
        .forEach(
            entry -> {
              if (entry.getKey().startsWith("pooling_mode_") && entry.getValue().asBoolean()) {
                Pooling own = FLAGS.get(entry.getKey());
                if (own == null) {
                  others.add(entry.getKey());
                } else {
                  found.add(own);
                }
              }
            });
    if (found.size() != 1 || !others.isEmpty()) {
      throw new LengthwiseException(
          "%s must choose one pooling of cls, mean, max and lasttoken; found %s."
              .formatted(folder.resolve(CONFIG), name.isEmpty() ? found + "" + others : name));
    }
    return found.getFirst();
  }

  private static VectorStep dense(Path folder) {
    ObjectNode config = JsonObjects.readStrictObject(folder.resolve(CONFIG));
    String type = config.path("activation_function").asText("torch.nn.modules.linear.Identity");
    VectorStep.Dense.Activation activation =
        VectorStep.Dense.Activation.ofClass(type)
            .orElseThrow(
                () ->
                    new LengthwiseException(
                        "%s has the activation %s; Identity, Tanh, ReLU and Sigmoid are supported."
                            .formatted(folder.resolve(CONFIG), type)));
    try (Checkpoint weights = Checkpoints.open(folder)) {
      long[] shape = weights.tensor("linear.weight").shape();
      if (shape.length != 2) {
        throw new LengthwiseException(
            "Tensor \"linear.weight\" of %s must have two dimensions, found %d."
                .formatted(folder, shape.length));
      }
      boolean biased = weights.tensors().containsKey("linear.bias");
      return new VectorStep.Dense(
          weights.tensor("linear.weight").toFloats(),
          biased ? weights.tensor("linear.bias").toFloats() : new float[0],
          Math.toIntExact(shape[0]),
          Math.toIntExact(shape[1]),
          activation);
    }
  }
}
