/// The attention plan: which keys a query sees, at which positions, with which scale and bias.
///
/// Start reading at [dev.lengthwise.position.AttentionPlan]: the one formula of this project. A
/// [dev.lengthwise.position.PositionMethod] makes plans; engines under `attention` execute them.
/// What a command line or a checkpoint says of a method is a [dev.lengthwise.position.MethodValue],
/// with one codec for text and one for JSON. Everything may depend on this package; it depends on
/// no other, and of libraries on Jackson alone.
@NullMarked
package dev.lengthwise.position;

import org.jspecify.annotations.NullMarked;
