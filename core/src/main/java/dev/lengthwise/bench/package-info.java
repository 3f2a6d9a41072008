/// What is measured about speed: benchmarks that say how much work they are, run in turns.
///
/// Start reading at [dev.lengthwise.bench.Benchmark], then [dev.lengthwise.bench.Turns]. May depend
/// on `generate` and all below it.
@NullMarked
package dev.lengthwise.bench;

import org.jspecify.annotations.NullMarked;
