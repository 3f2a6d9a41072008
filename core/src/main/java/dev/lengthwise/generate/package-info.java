/// Running a decoder over a text: sessions, sampling, streaming.
///
/// Start reading at [dev.lengthwise.generate.Session].
@NullMarked
package dev.lengthwise.generate;

import org.jspecify.annotations.NullMarked;
