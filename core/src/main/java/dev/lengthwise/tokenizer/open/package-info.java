/// Which tokenizer a file holds, and which tokens begin and end a text.
///
/// Start reading at [dev.lengthwise.tokenizer.open.Tokenizers]. Depends on the rooms of all formats
/// and on `checkpoint.gguf`; `train.data`, `family` and all above them may depend on it.
@NullMarked
package dev.lengthwise.tokenizer.open;

import org.jspecify.annotations.NullMarked;
