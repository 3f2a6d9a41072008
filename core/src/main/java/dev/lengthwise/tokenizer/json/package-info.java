/// `tokenizer.json` of Hugging Face, which its own native library runs.
///
/// Start reading at [dev.lengthwise.tokenizer.json.JsonTokenizer]. Depends on `tokenizer` and
/// `tokenizer.sentencepiece`.
@NullMarked
package dev.lengthwise.tokenizer.json;

import org.jspecify.annotations.NullMarked;
