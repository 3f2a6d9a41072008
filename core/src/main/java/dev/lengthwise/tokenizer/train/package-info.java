/// A trainer for byte-level tokenizers of one's own.
///
/// Start reading at [dev.lengthwise.tokenizer.train.TokenizerTrainer]. Depends on `tokenizer` only;
/// `train.data` and the command line may depend on it.
@NullMarked
package dev.lengthwise.tokenizer.train;

import org.jspecify.annotations.NullMarked;
