package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.LearnedParameter;
import dev.lengthwise.position.MethodReader;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// Writes models as Hugging Face's library has them: each as its own family, or else as the first
/// whose header, read again, describes the same model; as a model of the type `lengthwise` where
/// there is none.
public final class HuggingFaceWriter implements ModelFiles {

  private final MethodReader methods;
  private final ConfigWriter configs;

  /// A writer.
  ///
  /// @param methods makes a method from the text of a declaration
  public HuggingFaceWriter(MethodReader methods) {
    this.methods = methods;
    this.configs = new ConfigWriter(methods);
  }

  @Override
  public Written write(ModelSpec spec, Map<String, Tensor> weights) {
    return write(spec, TrainedFrom.Origin.NONE, weights);
  }

  @Override
  public Written write(ObjectNode header, Map<String, Tensor> weights) {
    ModelSpec spec = spec(header);
    return write(spec, TrainedFrom.of(new HeaderOnly(header), spec), weights);
  }

  private Written write(ModelSpec spec, TrainedFrom.Origin origin, Map<String, Tensor> weights) {
    ConfigWriter.Said said =
        configs.ofLibrary(spec, origin).orElseGet(() -> configs.own(spec, origin));
    return new Written(said.config(), tensors(spec, said.format(), weights));
  }

  @Override
  public ModelSpec spec(ObjectNode header) {
    return Families.of(new HeaderOnly(header)).spec(methods);
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
