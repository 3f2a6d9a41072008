/// A model that is open, with what runs it: the wiring that the library and the command line share.
///
/// Start reading at [dev.lengthwise.runtime.OpenModel]; a
/// [dev.lengthwise.runtime.RunningText] is one text with the ids that are read and those that wait.
/// `TrainingStart` and `MatchTraining` hand models to trainings, which know no families.
/// Depends on everything below; the library's own package and the command line may depend on it.
@NullMarked
package dev.lengthwise.runtime;

import org.jspecify.annotations.NullMarked;
