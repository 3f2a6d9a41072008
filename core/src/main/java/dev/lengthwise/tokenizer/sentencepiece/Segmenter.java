package dev.lengthwise.tokenizer.sentencepiece;

import dev.lengthwise.tokenizer.IntList;

/// Cuts normalised text into pieces.
public sealed interface Segmenter permits MergeSegmenter, UnigramSegmenter {

  /// Adds the ids of `text` to `ids`.
  void segment(String text, IntList ids);
}
