/// Text to token ids and back.
///
/// Start reading at [dev.lengthwise.tokenizer.Tokenizer]. Each kind of file is a room of its own,
/// and `tokenizer.open` picks the kind of a file. Depends on nothing but the exception of the root;
/// everything from `generate` upwards may depend on it.
@NullMarked
package dev.lengthwise.tokenizer;

import org.jspecify.annotations.NullMarked;
