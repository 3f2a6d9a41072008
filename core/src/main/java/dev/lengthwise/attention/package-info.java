/// What an engine that executes attention plans promises, and what it is given.
///
/// Start reading at [dev.lengthwise.attention.Attention]. Depends on `position` only. `cache` lies
/// above it, with the kinds of memory for keys and values; the engines lie above that, each in a
/// room of its own: `attention.reference`, `attention.vector`, `attention.torch`. None of them sees
/// another.
@NullMarked
package dev.lengthwise.attention;

import org.jspecify.annotations.NullMarked;
