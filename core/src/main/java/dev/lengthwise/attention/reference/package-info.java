/// The specification: attention in double precision, one explicit rotation for each pair.
///
/// Start reading at [dev.lengthwise.attention.reference.ReferenceAttention]. Depends on `position`,
/// `attention` and `cache` only. Every other engine is tested against it.
@NullMarked
package dev.lengthwise.attention.reference;

import org.jspecify.annotations.NullMarked;
