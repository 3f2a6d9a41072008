/// What encoders of pairs of texts are trained on: losses as data, and how they are computed.
///
/// Start reading at [dev.lengthwise.train.match.PairLoss]. `train` and all above it may depend on
/// it.
@NullMarked
package dev.lengthwise.train.match;

import org.jspecify.annotations.NullMarked;
