/// Judging a model under a method: tasks and what they share.
///
/// Start reading at [dev.lengthwise.evaluate.Task]. Must not know `method` or `family`.
@NullMarked
package dev.lengthwise.evaluate;

import org.jspecify.annotations.NullMarked;
