/// Several texts at once: requests join and leave between the steps of a model.
///
/// Start reading at [dev.lengthwise.batch.BatchScheduler]. Depends on `generate`; servers stand on
/// it.
@NullMarked
package dev.lengthwise.batch;

import org.jspecify.annotations.NullMarked;
