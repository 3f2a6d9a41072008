/// How a position method is written: `name:key=value,…`. What a method says of its parameters, what
/// a user gave for them, and the options of other programs that mean a method.
///
/// Start reading at [dev.lengthwise.method.syntax.MethodType]. Depends on `position` only. Methods
/// and the command line may depend on it. The parser lies above it in `method`, since it sees the
/// list.
@NullMarked
package dev.lengthwise.method.syntax;

import org.jspecify.annotations.NullMarked;
