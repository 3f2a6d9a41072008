package dev.lengthwise.tokenizer;

/// Cuts normalised text into pieces.
sealed interface Segmenter permits MergeSegmenter, UnigramSegmenter {

  /// Adds the ids of `text` to `ids`.
  void segment(String text, IntList ids);
}
