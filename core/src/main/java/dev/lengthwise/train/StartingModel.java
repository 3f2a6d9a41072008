package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// A model that a training begins with, already with the position method of the training.
///
/// @param spec the model plan
/// @param header the `config.json` of its checkpoints, which describes `spec` when it is read
/// @param weights f32, by their own names: everything of [dev.lengthwise.model.WeightList#of], and
///     of what the method learns all that is learned already; the rest starts by its rule
/// @param tokenizer the model's, if it has one
/// @param companions files beside the weights that go along as they are: tokenizer, templates
public record StartingModel(
    ModelSpec spec,
    ObjectNode header,
    Map<String, Tensor> weights,
    Optional<Tokenizer> tokenizer,
    List<Path> companions) {

  /// Copies the list.
  public StartingModel {
    companions = List.copyOf(companions);
  }
}
