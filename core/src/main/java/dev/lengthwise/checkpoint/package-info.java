/// Weight files: bytes on disk → named tensors and a header, without any knowledge of models.
///
/// Start at [dev.lengthwise.checkpoint.Checkpoints#open], which picks the reader for a path. Every
/// file is memory-mapped and checked before anything is allocated for it, so a damaged file ends
/// in a [dev.lengthwise.LengthwiseException]. Depends on nothing else of Lengthwise but
/// `quantised`, which knows the bytes of ggml's blocks, and `parallel`.
@NullMarked
package dev.lengthwise.checkpoint;

import org.jspecify.annotations.NullMarked;
