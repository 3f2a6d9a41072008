package dev.lengthwise.batch;

import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;

/// The begin of a prompt with what its model remembers of it.
///
/// @param declared tokens of the whole prompt, where the method depends on that; else 0
/// @param ids its tokens
/// @param sequence that has read them; closed with this
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record KeptPrompt(int declared, int[] ids, Sequence sequence) implements AutoCloseable {

  /// The model with its method.
  public InferenceModel model() {
    return sequence.inference();
  }

  ReadingKey key() {
    return new ReadingKey(model(), declared, ids);
  }

  @Override
  public void close() {
    sequence.close();
  }
}
