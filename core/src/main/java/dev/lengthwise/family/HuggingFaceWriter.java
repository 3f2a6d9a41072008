package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.matrix.Activation;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.ModelWriter;
import dev.lengthwise.position.Bounds;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodJson;
import dev.lengthwise.position.MethodReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Writes models as Hugging Face's library has them: each as its own family, or else as the first
/// whose header, read again, describes the same model; as a model of the type `lengthwise` where
/// there is none.
public final class HuggingFaceWriter implements ModelWriter {

  private final MethodReader methods;

  /// A writer.
  ///
  /// @param methods makes a method from the text of a declaration
  public HuggingFaceWriter(MethodReader methods) {
    this.methods = methods;
  }

  @Override
  public Written write(ModelSpec spec, Map<String, Tensor> weights) {
    for (Family family : candidates(spec)) {
      Optional<FileFormat> format = family.formatIn(Container.HUGGING_FACE, spec);
      if (format.isPresent()) {
        ObjectNode config = config(format.get(), spec);
        if (says(family, format.get(), config, spec)) {
          return new Written(config, tensors(spec, format.get(), weights));
        }
      }
    }
    FileFormat own = new LengthwiseFamily().formats().getFirst();
    return new Written(ownConfig(own, spec), tensors(spec, own, weights));
  }

  // A model of a family is written as such. Of one that was trained here, several families may say
  // the same: these are the ones that its layers were made after.
  private static List<Family> candidates(ModelSpec spec) {
    List<Family> own =
        Families.ALL.stream().filter(family -> family.name().equals(spec.family())).toList();
    return own.isEmpty() || spec.family().equals(LengthwiseFamily.TYPE)
        ? List.of(new LlamaFamily(), new GptNeoxFamily(), new GptJFamily(), new MptFamily())
        : own;
  }

  // Whether positions are plain rotary ones, which every program computes.
  private static boolean isPlain(ModelSpec spec) {
    return spec.declared().identityLength(spec.shape()) == Bounds.UNBOUNDED
        && spec.declared().training().equals(spec.declared());
  }

  // Whether the header, read again, describes the same model.
  private boolean says(Family family, FileFormat format, ObjectNode config, ModelSpec spec) {
    try {
      ModelSpec read = family.spec(new Header(new HeaderOnly(config), format, methods));
      return (isPlain(spec) || read.declared().equals(spec.declared()))
          && read.withFamily(spec.family()).withDeclared(spec.declared()).equals(spec);
    } catch (LengthwiseException e) {
      return false;
    }
  }

  private static ObjectNode config(FileFormat format, ModelSpec spec) {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.putArray("architectures").add(format.architecture());
    config.put("model_type", format.types().getFirst());
    format
        .keys()
        .values(spec)
        .forEach(
            (key, value) ->
                KeyTable.blockOf(config, key)
                    .putPOJO(
                        KeyTable.leaf(key),
                        value instanceof Activation own ? Header.nameOf(own) : value));
    return JsonValues.plain(config);
  }

  private static ObjectNode ownConfig(FileFormat format, ModelSpec spec) {
    ObjectNode config = config(format, spec);
    config
        .putArray("architectures")
        .add(spec.isBidirectional() ? "LengthwiseForMaskedLM" : "LengthwiseForCausalLM");
    Architecture architecture =
        Architecture.of(spec)
            .orElseThrow(
                () ->
                    new LengthwiseException(
                        "No file format of this program can say what the layers of this model are"
                            + " made of."));
    config.set(LengthwiseFamily.ARCHITECTURE, JsonValues.of(architecture));
    if (!isPlain(spec)) {
      config.set(DeclaredMethod.BLOCK, MethodJson.write(spec.declared().value()));
    }
    return config;
  }

  private static Map<String, Tensor> tensors(
      ModelSpec spec, FileFormat format, Map<String, Tensor> weights) {
    Map<String, Tensor> written = new LinkedHashMap<>();
    for (FileTensor tensor : new FileTensors(spec, format).written()) {
      written.put(tensor.name(), TensorJoiner.join(tensor, weights));
    }
    for (LearnedParameter learned : spec.declared().weights(spec.shape())) {
      written.put(learned.tensorName(), found(weights, learned.tensorName()));
    }
    return written;
  }

  private static Tensor found(Map<String, Tensor> weights, String name) {
    Tensor tensor = weights.get(name);
    if (tensor == null) {
      throw new IllegalStateException("no weight " + name);
    }
    return tensor;
  }
}
