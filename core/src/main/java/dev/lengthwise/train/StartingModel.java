package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
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

  /// The tokenizer of an encoder that is trained by itself, on the processor.
  ///
  /// @param length tokens of the longest text of the training
  /// @throws LengthwiseException where the encoder cannot be trained so
  Tokenizer tokenizerOfEncoder(int length) {
    if (!spec.declared().weights(spec.shape()).isEmpty()) {
      throw new LengthwiseException(
          "The position method %s learns numbers, which a training of an encoder does not move; take a model with another method."
              .formatted(spec.declared().name()));
    }
    long longest =
        spec.embedding().places() > 0 ? spec.embedding().longest() : spec.shape().trainedLength();
    if (length > longest) {
      throw new LengthwiseException(
          "Training setting \"task.length\" is %d, and the encoder reads %d tokens; set it to at most that."
              .formatted(length, longest));
    }
    if (companions.isEmpty()) {
      throw new LengthwiseException(
          "A training of an encoder begins with a folder that has a tokenizer beside the weights,"
              + " and there is none; take a folder of Hugging Face.");
    }
    return tokenizer.orElseThrow(
        () ->
            new LengthwiseException(
                "The model has no tokenizer, which texts need; copy it beside the weights."));
  }
}
