/// Products of weight matrices, as they lie in a file, with the activations of a few tokens.
///
/// Start reading at [dev.lengthwise.matrix.MatrixProducts]. Depends on `parallel`, on `quantised`
/// for what blocks mean, on `compiled` for kernels in C, and on nothing else. Every kernel
/// has a scalar twin, which is its specification.
@NullMarked
package dev.lengthwise.matrix;

import org.jspecify.annotations.NullMarked;
