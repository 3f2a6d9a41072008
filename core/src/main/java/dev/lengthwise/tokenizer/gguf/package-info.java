/// Vocabularies in GGUF files, to and from tokenizers.
///
/// Start reading at [dev.lengthwise.tokenizer.gguf.GgufTokenizers]. Depends on `tokenizer`,
/// `tokenizer.json` and `tokenizer.sentencepiece`.
@NullMarked
package dev.lengthwise.tokenizer.gguf;

import org.jspecify.annotations.NullMarked;
