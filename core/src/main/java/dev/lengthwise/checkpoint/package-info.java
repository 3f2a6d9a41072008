/// Weight files: bytes on disk → named tensors and a header, without any knowledge of models.
///
/// Start reading at [dev.lengthwise.checkpoint.Checkpoint] and
/// [dev.lengthwise.checkpoint.TensorEntry]. Each format is a room of its own:
/// `checkpoint.safetensors`, `checkpoint.gguf` and `checkpoint.llama2c`, which do not see one
/// another; `checkpoint.open` picks the format of a path. Every file is memory-mapped and checked
/// before anything is allocated for it, so a damaged file ends in a
/// [dev.lengthwise.LengthwiseException]. Depends on `io`, `torch` and `quantised` only.
@NullMarked
package dev.lengthwise.checkpoint;

import org.jspecify.annotations.NullMarked;
