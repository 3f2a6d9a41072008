package dev.lengthwise.family;

import dev.lengthwise.model.DecoderWeights;
import dev.lengthwise.model.Linear;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.ModelShape;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Builds the weights of a Llama-shaped decoder with separate query, key and value projections.
///
/// @param tensors where they are read
/// @param names what they are called
/// @param spec the sizes
/// @param layout what else the format says
record LlamaWeights(WeightReader tensors, TensorNames names, ModelSpec spec, Layout layout) {

  /// How a checkpoint departs from the plainest Llama.
  ///
  /// @param tied whether the embedding is the head as well
  /// @param inputBias whether query, key and value projections have a bias
  /// @param outputBias whether the projection after attention has one
  /// @param feedForwardBias whether the projections of the feed-forward part have one
  /// @param interleaved whether rotary pairs are neighbours in the file
  record Layout(
      boolean tied,
      boolean inputBias,
      boolean outputBias,
      boolean feedForwardBias,
      boolean interleaved) {}

  /// Reads everything.
  DecoderWeights read() {
    tensors.requireLayers(spec.shape().layers());
    Linear embedding =
        tensors.linear(names.embedding() + ".weight", spec.vocabularySize(), spec.hiddenSize());
    List<DecoderWeights.Layer> layers = new ArrayList<>();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      layers.add(layer(layer));
    }
    Tensor norm = tensors.vector(names.norm() + ".weight", spec.hiddenSize());
    Linear head =
        layout.tied
            ? embedding
            : tensors.linear(names.head() + ".weight", spec.vocabularySize(), spec.hiddenSize());
    return new DecoderWeights(embedding, layers, norm, head);
  }

  private DecoderWeights.Layer layer(int layer) {
    ModelShape shape = spec.shape();
    int hidden = spec.hiddenSize();
    int inner = spec.feedForwardSize();
    int attended = shape.heads() * shape.headSize();
    return new DecoderWeights.Layer(
        tensors.vector(names.in(layer, names.attentionNorm()) + ".weight", hidden),
        rotary(names.in(layer, names.query()), shape.heads()),
        rotary(names.in(layer, names.key()), shape.keyValueHeads()),
        projection(
            names.in(layer, names.value()),
            shape.keyValueHeads() * shape.headSize(),
            hidden,
            layout.inputBias),
        projection(names.in(layer, names.output()), hidden, attended, layout.outputBias),
        tensors.vector(names.in(layer, names.feedForwardNorm()) + ".weight", hidden),
        projection(names.in(layer, names.gate()), inner, hidden, layout.feedForwardBias),
        projection(names.in(layer, names.up()), inner, hidden, layout.feedForwardBias),
        projection(names.in(layer, names.down()), hidden, inner, layout.feedForwardBias));
  }

  private Linear.Stored projection(String name, int outputs, int inputs, boolean biased) {
    return new Linear.Stored(
        tensors.matrix(name + ".weight", outputs, inputs),
        biased ? tensors.biases(name + ".bias", outputs) : null,
        null);
  }

  // A query or key projection, whose outputs turn in pairs.
  private Linear.Stored rotary(String name, int heads) {
    ModelShape shape = spec.shape();
    Linear.Stored read =
        projection(name, heads * shape.headSize(), spec.hiddenSize(), layout.inputBias);
    return layout.interleaved
        ? new Linear.Stored(
            read.weight(),
            read.bias(),
            RotaryLayout.halfSplit(heads, shape.headSize(), shape.rotarySize()))
        : read;
  }
}
