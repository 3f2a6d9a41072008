/// Judging a model under a method: tasks (a catalogue) and what they share.
///
/// Start reading at [dev.lengthwise.evaluate.Task]; [dev.lengthwise.evaluate.Tasks] lists them.
/// Must not know `method` or `family`.
@NullMarked
package dev.lengthwise.evaluate;

import org.jspecify.annotations.NullMarked;
