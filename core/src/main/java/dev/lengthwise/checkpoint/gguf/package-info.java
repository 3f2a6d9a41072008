/// GGUF files of llama.cpp, read and written: header, metadata, types and tensors.
///
/// Start reading at [dev.lengthwise.checkpoint.gguf.GgufFile] and
/// [dev.lengthwise.checkpoint.gguf.GgufWriter]. Depends on `checkpoint`, `io` and `parallel` only.
@NullMarked
package dev.lengthwise.checkpoint.gguf;

import org.jspecify.annotations.NullMarked;
