/// The experiments of the papers at small scale: a catalogue, one file each.
///
/// Start reading at [dev.lengthwise.experiment.study.Experiments], which lists them. Depends on
/// `experiment` and everything below; only the commands may depend on it.
@NullMarked
package dev.lengthwise.experiment.study;

import org.jspecify.annotations.NullMarked;
