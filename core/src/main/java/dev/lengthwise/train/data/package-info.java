/// What is trained on: sources, tokenised once into memory-mapped shards, and windows drawn from
/// them.
///
/// Start reading at [dev.lengthwise.train.data.DataPreparation] (from corpora to shards) and
/// [dev.lengthwise.train.data.WindowSampler] (from shards to windows). Depends on `tokenizer`,
/// `text` and the root only.
@NullMarked
package dev.lengthwise.train.data;

import org.jspecify.annotations.NullMarked;
