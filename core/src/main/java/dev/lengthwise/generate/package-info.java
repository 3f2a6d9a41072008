/// Running a decoder over a text: sequences, sampling, streaming.
///
/// Start reading at [dev.lengthwise.generate.Sequence].
@NullMarked
package dev.lengthwise.generate;

import org.jspecify.annotations.NullMarked;
