package dev.lengthwise.model;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A token mixer between its two halves: what it asks of [LayerAttention], and how it goes on with
/// the answer.
///
/// @param question what is asked
/// @param finish the answer → what is added to the stream, `[batch, tokens, hidden]`
record TokenMixing(DecoderOperations.Mixing question, UnaryOperator<Tensor> finish) {}
