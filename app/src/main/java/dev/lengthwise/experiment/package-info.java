/// The experiments of the papers at small scale: a catalogue, and what runs, keeps and shows them.
///
/// Start reading at [dev.lengthwise.experiment.Experiment]; [dev.lengthwise.experiment.Experiments]
/// lists them. An experiment is made of trials, a trial makes rows, an exhibit shows rows. Like the
/// commands, the package sees every catalogue; only the commands see it.
@NullMarked
package dev.lengthwise.experiment;

import org.jspecify.annotations.NullMarked;
