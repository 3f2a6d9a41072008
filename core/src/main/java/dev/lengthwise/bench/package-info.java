/// What is measured about speed: benchmarks that say how much work they are, run in interleaved
/// rounds.
///
/// Start reading at [dev.lengthwise.bench.Benchmark], then
/// [dev.lengthwise.bench.InterleavedRounds]. May depend on `generate`, `train` and all below them.
@NullMarked
package dev.lengthwise.bench;

import org.jspecify.annotations.NullMarked;
