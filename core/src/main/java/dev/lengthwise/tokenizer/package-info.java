/// Text to token ids and back: `tokenizer.json`, SentencePiece models, GGUF vocabularies, llama2.c
/// files, and a trainer for byte-level tokenizers of one's own.
///
/// Start from [dev.lengthwise.tokenizer.Tokenizers]. Depends on no other package than the root; any
/// package from `generate` upwards may use it.
@NullMarked
package dev.lengthwise.tokenizer;

import org.jspecify.annotations.NullMarked;
