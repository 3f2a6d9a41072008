/// JMH benchmarks of kernels, each beside its scalar twin and beside the limit of the machine.
/// Start reading at [dev.lengthwise.kernels.AttentionBenchmark].
@NullMarked
package dev.lengthwise.kernels;

import org.jspecify.annotations.NullMarked;
