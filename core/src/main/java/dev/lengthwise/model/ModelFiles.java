package dev.lengthwise.model;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// Turns models into the files that other programs read, and headers of run folders back into model
/// plans. Whoever trains a model has it without knowing families; it is made by the catalogue of
/// families.
public interface ModelFiles {

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

  /// Writes a model that began with another: as the family of that one, with everything that its
  /// header says beside the positions, where the family can say what it became.
  ///
  /// @param header that of its run folder
  /// @param weights as for the other `write`
  Written write(ObjectNode header, Map<String, Tensor> weights);

  /// The model plan that the header of a run folder describes.
  ///
  /// @throws dev.lengthwise.LengthwiseException where it describes none
  ModelSpec spec(ObjectNode header);
}
