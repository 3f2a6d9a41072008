package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.LayerRule;
import dev.lengthwise.position.MethodJson;
import dev.lengthwise.position.MethodReader;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.position.PositionMethod;
import dev.lengthwise.position.Retention;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Finds the `config.json` that says what a model is: each that could is read again, and holds only
/// if it describes the same model.
final class ConfigWriter {

  private final MethodReader methods;

  ConfigWriter(MethodReader methods) {
    this.methods = methods;
  }

  /// A header, and how tensors are called beside it.
  record Said(FileFormat format, ObjectNode config) {}

  /// A family that a model may be written as, with a header that may lack its positions.
  private record Sketch(Family family, FileFormat format, ObjectNode config) {}

  /// The header of Hugging Face's library, where that computes the model.
  ///
  /// @param origin what the model began with: what its header says of other things stays
  Optional<Said> ofLibrary(ModelSpec given, TrainedFrom.Origin origin) {
    ModelSpec spec = untrained(given);
    return sketches(spec, origin)
        .flatMap(
            sketch ->
                positioned(sketch, spec)
                    .filter(config -> isSame(read(sketch, config), spec))
                    .map(config -> new Said(sketch.format, config)))
        .findFirst();
  }

  /// The header of this program, which no other reads.
  ///
  /// @param origin as for [#ofLibrary]
  /// @throws LengthwiseException where there is none
  Said own(ModelSpec given, TrainedFrom.Origin origin) {
    ModelSpec spec = untrained(given);
    Stream<ObjectNode> architecture =
        origin.library().isPresent() ? Stream.empty() : byArchitecture(spec).stream();
    return Stream.of(architecture, aroundLibrary(spec, origin), aroundGguf(spec, origin))
        .flatMap(each -> each)
        .filter(config -> isSame(read(config), spec))
        .flatMap(
            config ->
                Families.find(new HeaderOnly(config)).stream()
                    .map(found -> new Said(found.format(), config)))
        .findFirst()
        .orElseThrow(
            () ->
                new LengthwiseException(
                    "No file format of this program can say what a model of the family %s with %s is; take another method."
                        .formatted(spec.family(), spec.declared().name())));
  }

  private static Optional<ObjectNode> byArchitecture(ModelSpec spec) {
    return Architecture.of(spec)
        .map(
            architecture -> {
              ObjectNode config = config(new LengthwiseFamily().formats().getFirst(), spec);
              config
                  .putArray("architectures")
                  .add(spec.isBidirectional() ? "LengthwiseForMaskedLM" : "LengthwiseForCausalLM");
              config.set(LengthwiseFamily.ARCHITECTURE, JsonValues.of(architecture));
              if (!SamePlans.isPlain(spec)) {
                config.set(DeclaredMethod.BLOCK, MethodJson.write(spec.declared().value()));
              }
              return withTask(config, spec);
            });
  }

  private static Stream<ObjectNode> aroundLibrary(ModelSpec spec, TrainedFrom.Origin origin) {
    return sketches(spec, origin)
        .flatMap(sketch -> withLengths(sketch, spec))
        .flatMap(
            config ->
                Stream.of(
                    TrainedFrom.aroundLibrary(config, null),
                    TrainedFrom.aroundLibrary(config, spec)));
  }

  private static Stream<ObjectNode> aroundGguf(ModelSpec spec, TrainedFrom.Origin origin) {
    return origin.gguf().stream()
        .flatMap(
            block ->
                Stream.of(
                    TrainedFrom.aroundGguf(block, null),
                    TrainedFrom.aroundGguf(block, spec),
                    TrainedFrom.aroundGguf(
                        GgufHeader.unscaled(block, spec.shape().trainedLength()), spec)));
  }

  /// The model plan that a header describes; nothing where it is none of a model.
  Optional<ModelSpec> read(ObjectNode config) {
    try {
      return Families.find(new HeaderOnly(config)).map(found -> found.spec(methods));
    } catch (LengthwiseException e) {
      return Optional.empty();
    }
  }

  private Optional<ModelSpec> read(Sketch sketch, ObjectNode config) {
    try {
      HeaderOnly only = new HeaderOnly(config);
      ModelSpec encoder = sketch.family.spec(new Header(only, sketch.format, methods));
      return Optional.of(TaskHeads.headed(sketch.family, sketch.format, only, encoder));
    } catch (LengthwiseException e) {
      return Optional.empty();
    }
  }

  private static boolean isSame(Optional<ModelSpec> read, ModelSpec spec) {
    return read.filter(
            own ->
                own.withFamily(spec.family()).withDeclared(spec.declared()).equals(spec)
                    && SamePlans.of(spec.shape(), own.declared(), spec.declared()))
        .isPresent();
  }

  // The model with the first values of what its method learns: a header does not hold the others.
  private ModelSpec untrained(ModelSpec spec) {
    PositionMethod bare =
        spec.declared() instanceof OwnLayers(PositionMethod base, List<LayerRule> layers)
            ? new OwnLayers(methods.read(base.value(), spec.shape()), layers)
            : methods.read(spec.declared().value(), spec.shape());
    return spec.withDeclared(bare);
  }

  // ---- headers without positions

  private static Stream<Sketch> sketches(ModelSpec spec, TrainedFrom.Origin origin) {
    Optional<ObjectNode> base = origin.library();
    return base.isPresent()
        ? Families.find(new HeaderOnly(base.get())).stream()
            .map(
                found ->
                    new Sketch(
                        found.family(),
                        TaskHeads.named(
                            found.family(),
                            written(found.family(), found.format(), spec),
                            found.header()),
                        base.get()))
        : candidates(spec).stream().flatMap(family -> sketches(family, spec));
  }

  // A model of a family is written as such; in GGUF a Mixtral is called a Llama. Of one that was
  // trained here, several families may say the same: these are the ones that its layers were made
  // after.
  private static List<Family> candidates(ModelSpec spec) {
    List<Family> own =
        Families.ALL.stream().filter(family -> family.name().equals(spec.family())).toList();
    if (own.isEmpty() || spec.family().equals(LengthwiseFamily.TYPE)) {
      return List.of(new LlamaFamily(), new GptNeoxFamily(), new GptJFamily(), new MptFamily());
    }
    return spec.family().equals(new LlamaFamily().name())
        ? List.of(new LlamaFamily(), new MixtralFamily())
        : own;
  }

  private static Stream<Sketch> sketches(Family family, ModelSpec spec) {
    if (family.formatIn(Container.HUGGING_FACE, spec).isEmpty()) {
      return Stream.empty();
    }
    return family.formats().stream()
        .filter(format -> format.container() == Container.HUGGING_FACE)
        .map(format -> written(family, format, spec))
        .flatMap(
            format -> {
              ObjectNode config = config(format, spec);
              ObjectNode typed = withLayerTypes(config, format, spec);
              return Stream.of(config, typed, typed.deepCopy().put("use_sliding_window", true))
                  .distinct()
                  .map(each -> withTask(each, spec))
                  .map(each -> new Sketch(family, named(family, format, each), each));
            });
  }

  private static FileFormat named(Family family, FileFormat format, ObjectNode config) {
    return TaskHeads.named(family, format, new HeaderOnly(config));
  }

  private static ObjectNode withTask(ObjectNode config, ModelSpec spec) {
    return spec.task()
        .map(task -> TaskHeads.declared(config, task.kind(), task.labels()))
        .orElse(config);
  }

  // A format reads every name that its files may have; which of them a model has depends on its
  // layers.
  private static FileFormat written(Family family, FileFormat format, ModelSpec spec) {
    return family
        .formatIn(Container.HUGGING_FACE, spec)
        .filter(own -> own.types().equals(format.types()))
        .filter(own -> own.interleaved() == format.interleaved())
        .orElse(format);
  }

  private static ObjectNode config(FileFormat format, ModelSpec spec) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.putArray("architectures").add(format.architecture());
    config.put("model_type", format.types().getFirst());
    format
        .keys()
        .values(spec)
        .forEach(
            (key, value) -> {
              // Without a name the header means another activation, and does not hold.
              Object written =
                  value instanceof Activation own ? Header.nameOf(own).orElse(null) : value;
              if (written != null) {
                KeyTable.blockOf(config, key).putPOJO(KeyTable.leaf(key), written);
              }
            });
    return JsonValues.plain(config);
  }

  // Where the key of the window is missing, some configuration classes mean one.
  private static ObjectNode withLayerTypes(ObjectNode config, FileFormat format, ModelSpec spec) {
    ObjectNode copy = config.deepCopy();
    @Nullable String window = format.keys().key(Field.WINDOW);
    if (spec.declared() instanceof OwnLayers(PositionMethod _, List<LayerRule> rules)) {
      ArrayNode types = copy.putArray("layer_types");
      for (LayerRule rule : rules) {
        boolean slides = rule instanceof LayerRule.Local;
        types.add(slides ? "sliding_attention" : "full_attention");
        if (rule instanceof LayerRule.Local local) {
          copy.put("sliding_window", local.region().retention().window());
        }
      }
    } else if (window != null) {
      Retention seen = retention(spec);
      boolean slides = !seen.keepsAll() && seen.prefix() == 0;
      if (slides) {
        copy.put(window, seen.window());
      } else {
        copy.putNull(window);
      }
      ArrayNode types = copy.putArray("layer_types");
      spec.layers().forEach(_ -> types.add(slides ? "sliding_attention" : "full_attention"));
    }
    return copy;
  }

  // What all layers see.
  private static Retention retention(ModelSpec spec) {
    PositionMethod method = spec.declared();
    return new PlanFunction(spec.shape(), method, method)
        .plan(0, spec.shape().trainedLength())
        .retention();
  }

  // ---- positions

  // The header as it is, with another trained length, and with each rotation that the method may
  // mean.
  private static Stream<ObjectNode> positioned(Sketch sketch, ModelSpec spec) {
    Stream<ObjectNode> scaled =
        RopeScaling.terms(spec.declared().value()).stream()
            .filter(term -> sketch.family.scalesRotation(term.name()))
            .flatMap(term -> RopeScaling.with(term, sketch.config, sketch.format, spec));
    return Stream.concat(withLengths(sketch, spec), scaled);
  }

  private static Stream<ObjectNode> withLengths(Sketch sketch, ModelSpec spec) {
    String key = sketch.format.keys().key(Field.LENGTH);
    if (key == null) {
      return Stream.of(sketch.config);
    }
    ObjectNode longer = sketch.config.deepCopy();
    KeyTable.blockOf(longer, key).put(KeyTable.leaf(key), spec.shape().trainedLength());
    return Stream.of(sketch.config.deepCopy(), longer);
  }
}
