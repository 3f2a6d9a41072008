/// The decoder and its weights.
///
/// Start reading at [dev.lengthwise.model.Decoder].
@NullMarked
package dev.lengthwise.model;

import org.jspecify.annotations.NullMarked;
