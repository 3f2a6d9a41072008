/// Training from scratch: data, schedule, optimiser, run folder.
///
/// Start reading at [dev.lengthwise.train.Trainer]. May depend on `model` and what that may depend
/// on, on `tokenizer`, `checkpoint` and `text`.
@NullMarked
package dev.lengthwise.train;

import org.jspecify.annotations.NullMarked;
