/// `tokenizer.bin` of llama2.c.
///
/// Start reading at `Llama2cTokenizerFile`. Depends on `tokenizer`, `tokenizer.sentencepiece` and
/// `io`.
@NullMarked
package dev.lengthwise.tokenizer.llama2c;

import org.jspecify.annotations.NullMarked;
