/// What runs, keeps and shows experiments.
///
/// Start reading at [dev.lengthwise.experiment.Experiment]. An experiment is made of trials, a
/// trial makes rows, an exhibit shows rows. The experiments themselves lie in `experiment.study`.
/// Depends on everything below; only the commands and the studies may depend on it.
@NullMarked
package dev.lengthwise.experiment;

import org.jspecify.annotations.NullMarked;
