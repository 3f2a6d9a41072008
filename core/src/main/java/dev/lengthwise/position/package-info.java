/// The attention plan: which keys a query sees, at which positions, with which scale and bias.
///
/// Start reading at [dev.lengthwise.position.AttentionPlan]: the one formula of this project. A
/// [dev.lengthwise.position.PositionMethod] makes plans; engines under `attention` execute them.
/// Everything may depend on this package; it depends on nothing.
@NullMarked
package dev.lengthwise.position;

import org.jspecify.annotations.NullMarked;
