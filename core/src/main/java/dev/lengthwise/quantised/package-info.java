/// Narrow numbers: bfloat16, and ggml's blocks of quantised weights, to and from floats, in plain
/// Java.
///
/// Start at [dev.lengthwise.quantised.QuantisedType]. The codecs here are the specification of the
/// bytes; faster kernels elsewhere are tested against them. Any package may use this one; it
/// depends on nothing else of Lengthwise but its exception.
@NullMarked
package dev.lengthwise.quantised;

import org.jspecify.annotations.NullMarked;
