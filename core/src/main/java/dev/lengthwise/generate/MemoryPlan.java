package dev.lengthwise.generate;

import dev.lengthwise.model.WeightMemory;

/// The memory that a text of some length takes, in bytes.
///
/// Weights and cache are exact; work and process are estimates from above for ordinary models.
///
/// @param tokens of the text
/// @param weights of the model, shared by all texts
/// @param cache keys and values, and states of recurrences, of one text
/// @param work what lies between two products while a chunk is read, and tables of positions
/// @param process what the virtual machine and libtorch take before there is a model
public record MemoryPlan(long tokens, WeightMemory weights, long cache, long work, long process) {

  /// All together.
  public long total() {
    return weights.total() + cache + work + process;
  }
}
