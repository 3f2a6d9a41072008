/// Model files of llama2.c, in all three versions.
///
/// Start reading at [dev.lengthwise.checkpoint.llama2c.Llama2cFile]. Depends on `checkpoint` and
/// `io` only.
@NullMarked
package dev.lengthwise.checkpoint.llama2c;

import org.jspecify.annotations.NullMarked;
