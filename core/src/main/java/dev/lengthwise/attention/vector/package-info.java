/// The engine for inference on CPUs: online softmax on the Vector API, over pages of keys and
/// values.
///
/// Start reading at [dev.lengthwise.attention.vector.VectorAttention]. The loops are behind one
/// narrow interface, `AttentionKernels`: a scalar specification and its vector twin, of which a
/// part is compiled from C where that can be used. Depends on `position`, `parallel`, `compiled`,
/// `attention` and `cache`, whose pages it reads. Whoever chooses an engine may depend on it:
/// commands, experiments and the facade.
@NullMarked
package dev.lengthwise.attention.vector;

import org.jspecify.annotations.NullMarked;
