/// Tasks that encoders are trained for and judged by: examples, how they are read, the losses of
/// heads, predictions and measures.
///
/// Start reading at [dev.lengthwise.task.TaskExample] and [dev.lengthwise.task.TaskInput]. `train`
/// and all above it may depend on it.
@NullMarked
package dev.lengthwise.task;

import org.jspecify.annotations.NullMarked;
