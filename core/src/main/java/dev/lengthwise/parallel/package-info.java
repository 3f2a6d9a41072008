/// Threads and vectors: the one pool of threads, and how wide the kernels work.
///
/// Start reading at [dev.lengthwise.parallel.Workers]. Depends on nothing.
@NullMarked
package dev.lengthwise.parallel;

import org.jspecify.annotations.NullMarked;
