/// Engines that execute attention plans.
///
/// Start reading at [dev.lengthwise.attention.Attention], then
/// [dev.lengthwise.attention.ReferenceAttention], the specification. May depend on `position` and
/// `parallel` only.
@NullMarked
package dev.lengthwise.attention;

import org.jspecify.annotations.NullMarked;
