/// Texts as vectors: an encoder is a model, a tokenizer, and what makes one vector of many hidden
/// states.
///
/// Start reading at [dev.lengthwise.encode.Encoder]. `train` and all above it may depend on it.
@NullMarked
package dev.lengthwise.encode;

import org.jspecify.annotations.NullMarked;
