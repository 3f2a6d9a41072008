/// Training in several processes: who they are, how they meet, and how gradients become sums of
/// all.
///
/// Start reading at [dev.lengthwise.train.distributed.DataParallel]. Depends on `torch` and
/// `train.optimise`; it knows no trainer.
@NullMarked
package dev.lengthwise.train.distributed;

import org.jspecify.annotations.NullMarked;
