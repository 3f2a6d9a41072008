/// What moves weights: optimisers, learning-rate schedules, and the checks of settings.
///
/// Start reading at [dev.lengthwise.train.optimise.Optimizer]. Depends on `model` for the roles of
/// weights and on `checkpoint.safetensors` and `io` for its own state; it knows no trainer.
@NullMarked
package dev.lengthwise.train.optimise;

import org.jspecify.annotations.NullMarked;
