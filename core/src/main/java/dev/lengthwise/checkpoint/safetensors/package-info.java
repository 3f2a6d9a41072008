/// Safetensors files of Hugging Face, one or sharded, read and written.
///
/// Start reading at [dev.lengthwise.checkpoint.safetensors.SafetensorsFile] and
/// [dev.lengthwise.checkpoint.safetensors.SafetensorsWriter]. Depends on `checkpoint`, `io` and
/// `torch` only.
@NullMarked
package dev.lengthwise.checkpoint.safetensors;

import org.jspecify.annotations.NullMarked;
