package dev.lengthwise.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// Turns a model into the files that other programs read. Whoever trains a model has it without
/// knowing families; it is made by the catalogue of families.
public interface ModelWriter {

  /// A model in a file format.
  ///
  /// @param config what the model is, as `config.json`
  /// @param tensors the weights under the names of the format
  record Written(ObjectNode config, Map<String, Tensor> tensors) {}

  /// Writes a model as the first family whose files can say it.
  ///
  /// @param weights by their own names: everything of [WeightList#of], and what the position method
  ///     has learned
  Written write(ModelSpec spec, Map<String, Tensor> weights);
}
