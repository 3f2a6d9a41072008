package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.Embedding;
import dev.lengthwise.model.FeedForward;
import dev.lengthwise.model.Head;
import dev.lengthwise.model.LayerSpec;
import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Norm;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// The header of a checkpoint in the words of the model plan, whatever its container calls them: a
/// family reads settings by [Field].
///
/// A missing or odd value is an error that names key, place and value.
final class Header {

  /// Activations by their names in Hugging Face's configurations.
  private static final Map<String, Activation> ACTIVATIONS = activations();

  /// The embedding of a decoder that is not inside of a model with a head.
  private static final String BARE = "embed_tokens.weight";

  private final Checkpoint checkpoint;
  private final FileFormat format;
  private final Settings settings;
  private final MethodReader methods;

  Header(Checkpoint checkpoint, FileFormat format, MethodReader methods) {
    this.checkpoint = checkpoint;
    this.format = format;
    this.settings = Settings.of(checkpoint);
    this.methods = methods;
  }

  private static Map<String, Activation> activations() {
    Map<String, Activation> names = new LinkedHashMap<>();
    names.put("silu", Activation.SILU);
    names.put("swish", Activation.SILU);
    names.put("gelu", Activation.GELU);
    names.put("gelu_python", Activation.GELU);
    names.put("gelu_new", Activation.GELU_TANH);
    names.put("gelu_pytorch_tanh", Activation.GELU_TANH);
    names.put("gelu_python_tanh", Activation.GELU_TANH);
    names.put("gelu_fast", Activation.GELU_TANH);
    names.put("gelu_accurate", Activation.GELU_TANH);
    names.put("quick_gelu", Activation.SIGMOID_1702);
    names.put("tanh", Activation.TANH);
    names.put("relu", Activation.RELU);
    names.put("relu2", Activation.RELU_SQUARED);
    return names;
  }

  /// The name of an activation in Hugging Face's configurations, where it has one.
  static Optional<String> nameOf(Activation activation) {
    return ACTIVATIONS.entrySet().stream()
        .filter(entry -> entry.getValue() == activation)
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /// The opened file.
  Checkpoint checkpoint() {
    return checkpoint;
  }

  /// Everything that the header says, under its own keys.
  Settings settings() {
    return settings;
  }

  /// Whether it is a GGUF file's.
  boolean isGguf() {
    return format.container() == Container.GGUF;
  }

  /// The type that the header names.
  String type() {
    return format.container().typeOf(checkpoint);
  }

  private record Place(Settings block, String key) {}

  private Place place(Field field) {
    String key = format.keys().key(field);
    if (key == null) {
      return new Place(
          new Settings(settings.values().objectNode(), settings.where()), field.name());
    }
    return format.keys().otherKeys(field).stream()
        .map(this::place)
        .filter(other -> has(other) && !has(place(key)))
        .findFirst()
        .orElseGet(() -> place(key));
  }

  private static boolean has(Place place) {
    return place.block.has(place.key);
  }

  private Place place(String key) {
    if (isGguf()) {
      return new Place(settings, type() + "." + key);
    }
    Settings block = settings;
    int from = 0;
    for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', from)) {
      String name = key.substring(from, dot);
      Settings outer = block;
      block =
          outer
              .block(name)
              .orElseGet(
                  () -> new Settings(outer.values().objectNode(), name + " in " + outer.where()));
      from = dot + 1;
    }
    return new Place(block, key.substring(from));
  }

  boolean has(Field field) {
    return has(place(field));
  }

  /// Whether the header has the key, be it with `null`: only without it a default is meant.
  boolean mentions(Field field) {
    Place place = place(field);
    return place.block.values().has(place.key);
  }

  /// Whether sliding layers have a window: of a Hugging Face file without the key, the one that its
  /// configuration class assumes; `null` there is none.
  boolean hasWindow() {
    return has(Field.WINDOW) || (!isGguf() && !mentions(Field.WINDOW));
  }

  /// A required whole number from 1 on.
  int size(Field field) {
    Place place = place(field);
    return field == Field.LAYERS
        ? place.block.sizeUpTo(place.key, Settings.MOST_LAYERS)
        : place.block.size(place.key);
  }

  /// Layers of the model. GGUF files count those that predict further tokens among theirs.
  int layers() {
    int all = size(Field.LAYERS);
    int further = isGguf() ? NextTokenLayers.of(checkpoint, format) : 0;
    if (further >= all) {
      throw bad(Field.NEXT_TOKEN_LAYERS, "less than the number of all layers, " + all);
    }
    return all - further;
  }

  int sizeOr(Field field, int fallback) {
    return has(field) ? size(field) : fallback;
  }

  /// A whole number, which may be 0 for none.
  int countOr(Field field, int fallback) {
    double count = number(field, fallback);
    if (count < 0 || count > Integer.MAX_VALUE || count != Math.rint(count)) {
      throw bad(field, "a whole number from 0 on");
    }
    return (int) count;
  }

  long tokens(Field field) {
    Place place = place(field);
    return place.block.tokens(place.key);
  }

  long tokens(Field field, long fallback) {
    return has(field) ? tokens(field) : fallback;
  }

  /// Channels inside a feed-forward block, where a header that does not say has `factor` times the
  /// hidden size.
  int innerOr(int factor) {
    return has(Field.INNER) ? size(Field.INNER) : timesHidden(factor);
  }

  /// `factor` times the hidden size.
  int timesHidden(int factor) {
    long product = (long) factor * size(Field.HIDDEN);
    if (product > Integer.MAX_VALUE) {
      throw bad(
          Field.HIDDEN,
          "so small that %d times as many channels are fewer than 2^31".formatted(factor));
    }
    return (int) product;
  }

  /// Rows of a table of places, as many as tokens were trained.
  int places(long fallback) {
    long places = tokens(Field.LENGTH, fallback);
    if (places > Integer.MAX_VALUE) {
      throw bad(Field.LENGTH, "fewer than 2^31 places, each of which has a row of weights");
    }
    return (int) places;
  }

  double number(Field field) {
    Place place = place(field);
    return place.block.number(place.key);
  }

  double number(Field field, double fallback) {
    return has(field) ? number(field) : fallback;
  }

  boolean flag(Field field, boolean fallback) {
    Place place = place(field);
    return place.block.flag(place.key, fallback);
  }

  /// A choice that GGUF files make by having a tensor, and others by a setting.
  ///
  /// @param tensor in GGUF files of models with it
  /// @param fallback what a Hugging Face file means that does not say
  boolean flagOrTensor(Field field, String tensor, boolean fallback) {
    return isGguf() ? hasTensor(tensor) : flag(field, fallback);
  }

  Optional<String> text(Field field) {
    Place place = place(field);
    return place.block.text(place.key);
  }

  LengthwiseException bad(Field field, String expected) {
    Place place = place(field);
    return place.block.bad(place.key, expected);
  }

  /// The activation of feed-forward blocks.
  ///
  /// @param fallback that of files that do not say, and of all GGUF files
  Activation activation(Activation fallback) {
    Place place = place(Field.ACTIVATION);
    return activation(place.block, place.key, fallback);
  }

  /// The activation that a setting names.
  static Activation activation(Settings block, String key, Activation fallback) {
    Optional<String> name = block.text(key);
    if (name.isEmpty()) {
      return fallback;
    }
    Activation found = ACTIVATIONS.get(name.get());
    if (found == null) {
      throw block.bad(key, "one of " + String.join(", ", ACTIVATIONS.keySet()));
    }
    return found;
  }

  /// A gated block of Llama's form, with the activation that a Hugging Face file names. llama.cpp
  /// knows SiLU only.
  FeedForward.Gated gated(int inner) {
    return FeedForward.Gated.of(inner, activation(Activation.SILU));
  }

  /// Refuses every other activation than `only`.
  void requireActivation(Activation only) {
    if (activation(only) != only) {
      throw bad(Field.ACTIVATION, "\"" + nameOf(only).orElseThrow() + "\", the only one supported");
    }
  }

  /// Whether the file has a tensor of this name.
  boolean hasTensor(String name) {
    return checkpoint.tensors().containsKey(name);
  }

  /// Rows of the table of types of tokens; a GGUF file has them or not.
  ///
  /// @param fallback what a Hugging Face file means that does not say
  int types(int fallback) {
    if (isGguf()) {
      return hasTensor("token_types.weight")
          ? Math.toIntExact(checkpoint.tensor("token_types.weight").shape()[0])
          : 0;
    }
    return has(Field.TYPES) && number(Field.TYPES) == 0 ? 0 : sizeOr(Field.TYPES, fallback);
  }

  /// Refuses an encoder that was made into a decoder.
  void requireEncoder() {
    if (settings.flag("is_decoder", false)) {
      throw settings.bad("is_decoder", "false, the only value supported");
    }
  }

  /// Whether the head is the embedding, as it is of files that have none because they were made
  /// for vectors of texts.
  ///
  /// @param fallback what a Hugging Face file means that does not say
  boolean isTied(boolean fallback) {
    return isGguf()
        ? !hasTensor("output.weight")
        : flag(Field.TIED, fallback) || (hasBareNames(checkpoint) && !hasTensor("lm_head.weight"));
  }

  /// Whether a model was stored without its head, as models for vectors of texts are.
  static boolean hasBareNames(Checkpoint checkpoint) {
    return checkpoint.tensors().containsKey(BARE);
  }

  /// Rows of the embedding: of a GGUF file that does not say, those that it has.
  int vocabulary() {
    if (!isGguf() || has(Field.VOCABULARY)) {
      return size(Field.VOCABULARY);
    }
    long[] shape = checkpoint.tensor("token_embd.weight").shape();
    return Math.toIntExact(Math.min(shape.length == 0 ? 0 : shape[0], Integer.MAX_VALUE));
  }

  /// Heads of a layer.
  ///
  /// @param queries query heads
  /// @param keys key and value heads
  /// @param size channels of a query and a key
  record Heads(int queries, int keys, int size) {}

  /// The heads of all layers. Where no size is said it is the hidden size over the number of heads.
  Heads heads() {
    return heads(size(Field.HEADS));
  }

  /// The same.
  ///
  /// @param silentKeys key and value heads of a header that does not say
  Heads heads(int silentKeys) {
    int heads = size(Field.HEADS);
    int hidden = size(Field.HIDDEN);
    if (!has(Field.HEAD_SIZE) && hidden % heads != 0) {
      throw bad(Field.HEADS, "a divisor of the hidden size, " + hidden);
    }
    int keys = sizeOr(Field.KEY_VALUE_HEADS, silentKeys);
    if (heads % keys != 0) {
      throw bad(Field.KEY_VALUE_HEADS, "a divisor of the number of heads, " + heads);
    }
    return new Heads(heads, keys, sizeOr(Field.HEAD_SIZE, hidden / heads));
  }

  /// Plain attention of these heads.
  Mixer.Attention attention(Heads heads) {
    return Mixer.Attention.plain(heads.queries, heads.keys, heads.size);
  }

  /// What scores are multiplied by, where a header says it in place of `1/√headSize`.
  Mixer.Scores scoreScale(Heads heads) {
    return positive(Field.SCORE_SCALE)
        .map(scale -> Mixer.Scores.scaled(scale * Math.sqrt(heads.size)))
        .orElse(Mixer.Scores.PLAIN);
  }

  /// The bound of queries, keys and values; none where the header does not say one.
  ///
  /// @param afterNorm whether the family clamps queries and keys after their norms
  Mixer.Clamp clamp(boolean afterNorm) {
    return positive(Field.CLAMP)
        .map(bound -> new Mixer.Clamp(bound, afterNorm))
        .orElse(Mixer.Clamp.NONE);
  }

  /// A number that a header may leave out or set to 0 or `null` for none.
  Optional<Double> positive(Field field) {
    if (!has(field) || !(number(field) > 0)) {
      return Optional.empty();
    }
    if (number(field) > Float.MAX_VALUE) {
      throw bad(field, "a number in the range of single precision");
    }
    return Optional.of(number(field));
  }

  /// Tokens of the window of layers, which a header may leave out or set to 0 or `null` for none.
  Optional<Long> window() {
    Optional<Double> window = positive(Field.WINDOW);
    if (window.isPresent() && window.get() != Math.rint(window.get())) {
      throw bad(Field.WINDOW, "a whole number of tokens");
    }
    return window.map(Double::longValue);
  }

  /// What a header says of each layer, as a list.
  ///
  /// @param key of the list
  /// @param layers that it must have one element for
  Optional<List<JsonNode>> perLayer(String key, int layers) {
    if (!settings.has(key)) {
      return Optional.empty();
    }
    JsonNode list = settings.values().path(key);
    if (!list.isArray() || list.size() != layers) {
      throw settings.bad(key, "a list with one element for each of %d layers".formatted(layers));
    }
    List<JsonNode> elements = new ArrayList<>();
    list.forEach(elements::add);
    return Optional.of(elements);
  }

  /// Which layers slide, by `layer_types`; of a header without them, all but the last of each
  /// `pattern` layers.
  List<Boolean> sliding(int pattern) {
    return sliding(layer -> layer % pattern < pattern - 1);
  }

  /// Which layers slide, by `layer_types`.
  ///
  /// @param fallback what a header means that has no list
  List<Boolean> sliding(IntPredicate fallback) {
    int layers = size(Field.LAYERS);
    Optional<List<JsonNode>> types = perLayer("layer_types", layers);
    List<Boolean> sliding = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      String type = types.isEmpty() ? "" : types.get().get(layer).asText();
      sliding.add(
          switch (type) {
            case "" -> fallback.test(layer);
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default ->
                throw settings.bad(
                    "layer_types", "a list of \"sliding_attention\" and \"full_attention\"");
          });
    }
    return sliding;
  }

  /// The rotary positions that the header declares.
  ///
  /// @param defaults what a Hugging Face file means that does not say
  RopeDeclaration rope(Heads heads, RopeDeclaration.Defaults defaults) {
    RopeDeclaration rope =
        isGguf()
            ? GgufPositions.of(this, heads.size)
            : RopeDeclaration.of(this, heads.size, defaults);
    if (rope.rotarySize() % 2 != 0 || rope.rotarySize() > heads.size) {
      throw new LengthwiseException(
          "%s turns %d channels of a head; it must be an even number up to the size of a head, %d."
              .formatted(settings.where(), rope.rotarySize(), heads.size));
    }
    return rope;
  }

  /// A model whose layers are all alike, and whose head and embedding are plain.
  ModelSpec model(
      String family, Heads heads, RopeDeclaration rope, Norm lastNorm, LayerSpec layer) {
    return model(family, heads, rope, Optional.empty(), lastNorm, _ -> layer);
  }

  /// A model whose head and embedding are plain; the declared method is that of the header.
  ///
  /// @param window an attention window that all layers have, or empty
  ModelSpec model(
      String family,
      Heads heads,
      RopeDeclaration rope,
      Optional<MethodTerm> window,
      Norm lastNorm,
      IntFunction<LayerSpec> layers) {
    int count = layers();
    return checked(
        () -> {
          ModelShape shape =
              new ModelShape(
                  count,
                  heads.queries,
                  heads.keys,
                  heads.size,
                  rope.rotarySize(),
                  rope.base(),
                  rope.trainedLength());
          return new ModelSpec(
              family,
              vocabulary(),
              size(Field.HIDDEN),
              Embedding.PLAIN,
              IntStream.range(0, count).mapToObj(layers).toList(),
              lastNorm,
              Head.plain(isTied(false)),
              Architecture.Direction.CAUSAL,
              shape,
              DeclaredMethod.of(settings, rope.method(), window, shape, methods));
        });
  }

  /// What is wrong with the sizes of a model is the fault of its file.
  <T> T checked(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new LengthwiseException(
          "The sizes in %s are not those of a model: %s."
              .formatted(settings.where(), e.getMessage()),
          e);
    }
  }

  MethodReader methods() {
    return methods;
  }
}
