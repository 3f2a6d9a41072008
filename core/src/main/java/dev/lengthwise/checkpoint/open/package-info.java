/// Which format a path has.
///
/// Start reading at [dev.lengthwise.checkpoint.open.Checkpoints#open]. Depends on `checkpoint` and
/// the rooms of all formats; `family` and all above it may depend on it.
@NullMarked
package dev.lengthwise.checkpoint.open;

import org.jspecify.annotations.NullMarked;
