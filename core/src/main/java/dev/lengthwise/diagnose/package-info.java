/// What explains how a model behaves past its trained length.
///
/// Start reading at [dev.lengthwise.diagnose.TextAttention].
@NullMarked
package dev.lengthwise.diagnose;

import org.jspecify.annotations.NullMarked;
