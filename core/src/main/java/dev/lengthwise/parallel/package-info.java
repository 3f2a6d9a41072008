/// What makes work on many threads repeatable and fast: the one pool of threads, random numbers
/// that do not depend on who draws them, and how wide the kernels work.
///
/// Start reading at [dev.lengthwise.parallel.Workers]. Everything may depend on this package; it
/// depends on nothing but the exception of the root.
@NullMarked
package dev.lengthwise.parallel;

import org.jspecify.annotations.NullMarked;
