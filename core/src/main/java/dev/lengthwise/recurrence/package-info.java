/// Linear recurrences with complex decay: what layers without attention remember the past with.
///
/// Start reading at [dev.lengthwise.recurrence.LinearScan]. Depends on libtorch alone.
@NullMarked
package dev.lengthwise.recurrence;

import org.jspecify.annotations.NullMarked;
