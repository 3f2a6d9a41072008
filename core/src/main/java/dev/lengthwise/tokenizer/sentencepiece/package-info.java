/// SentencePiece models: pieces with scores, joined by merges or cut by the best sum (unigram).
///
/// Start reading at [dev.lengthwise.tokenizer.sentencepiece.SentencePieceFile]. Depends on
/// `tokenizer` and `io` only; vocabularies in other files that hold such pieces may depend on it.
@NullMarked
package dev.lengthwise.tokenizer.sentencepiece;

import org.jspecify.annotations.NullMarked;
