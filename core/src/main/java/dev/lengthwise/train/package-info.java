/// Training from scratch and further: settings, steps, run folder, and the finished model as files.
///
/// Start reading at [dev.lengthwise.train.Trainer]. Depends on `model` and what that may depend on,
/// on `tokenizer`, `checkpoint`, `text` and its own rooms: `train.data`, `train.optimise`,
/// `train.distributed`. `evaluate`, `bench` and all above may depend on it.
@NullMarked
package dev.lengthwise.train;

import org.jspecify.annotations.NullMarked;
