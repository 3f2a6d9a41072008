package dev.lengthwise.model;

import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.recurrence.ComplexTensor;
import dev.lengthwise.recurrence.LinearScan;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/// How the layers of a decoder see other tokens: in training, within the batch; in inference, over
/// the caches and states of a session.
@FunctionalInterface
public interface LayerAttention {

  /// Attends in `layer`. The tensors are used again when it has returned: what is kept is copied.
  ///
  /// @param queries `[batch, tokens, heads, headSize]`
  /// @param keys `[batch, tokens, keyValueHeads, headSize]`, not rotated
  /// @param values `[batch, tokens, keyValueHeads, valueSize]`
  /// @return `[batch, tokens, heads, valueSize]`
  Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values);

  /// Whether [#attend(int, HeadRows, HeadRows, HeadRows, HeadRows)] does in `layer` what tensors
  /// are else made for.
  default boolean attendsInMemory(int layer) {
    return false;
  }

  /// Attends in `layer` in memory, without libtorch: a call out of Java costs as much as a short
  /// product, and single tokens have some dozens of them in a layer. Shapes are those of tensors.
  ///
  /// @param output gets what is attended to
  /// @throws UnsupportedOperationException where [#attendsInMemory] says no
  default void attend(
      int layer, HeadRows queries, HeadRows keys, HeadRows values, HeadRows output) {
    throw new UnsupportedOperationException("this attends to tensors");
  }

  /// Goes on with the linear recurrence of `layer`; here, of texts that begin with these tokens.
  ///
  /// @param inputs `[batch, tokens, channels]`
  /// @param decay `[channels]`
  /// @return the states after every token, `[batch, tokens, channels]`
  default ComplexTensor recur(int layer, ComplexTensor inputs, ComplexTensor decay) {
    return LinearScan.states(inputs, decay, null);
  }

  /// The places in their texts of the tokens of a pass, for models that learn a vector for each;
  /// here, of texts that begin with these tokens.
  ///
  /// @param tokens of a row of the batch
  /// @return one for each token, the same for all rows, or one for each token of each row
  default long[] places(int tokens) {
    long[] places = new long[tokens];
    Arrays.setAll(places, place -> place);
    return places;
  }

  /// The types of the tokens of a pass, for models that learn a vector for each; here, that of a
  /// first or only text.
  ///
  /// @param tokens of a row of the batch
  /// @return one for each token; the same for all rows
  default long[] types(int tokens) {
    return new long[tokens];
  }
}
