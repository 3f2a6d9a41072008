package dev.lengthwise.train.data;

/// How windows are cut from a shard.
public enum Windows {

  /// Anywhere: a window may hold the end of one document and the begin of the next.
  CROPS,

  /// From the first token of a document on, and into the next documents when it is short. Every
  /// document is equally likely.
  DOCUMENT_STARTS,

  /// Inside one document. Every token is equally likely to decide the document; a longer one is cut
  /// anywhere, a shorter one is filled up behind its end with tokens that are not targets.
  /// Attention is causal, so what fills up changes nothing before it.
  WITHIN_DOCUMENTS,

  /// A short piece of the shard, repeated until the window is full, which teaches to copy from
  /// afar.
  REPEATED
}
