/// What a comparison shows: an aligned table for the terminal, JSON lines for programs, and
/// one HTML file with charts for people; and the progress line while it runs.
///
/// Start at [dev.lengthwise.report.ComparisonReport], the one record that all three outputs take.
/// The package knows no model and no task: the caller turns its results into these records.
/// Only the application may depend on it.
@NullMarked
package dev.lengthwise.report;

import org.jspecify.annotations.NullMarked;
