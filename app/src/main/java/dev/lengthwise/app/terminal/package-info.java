/// Lines that a user types, or a program pipes in.
///
/// Start reading at [dev.lengthwise.app.terminal.LineInput]. Depends on the exception only; the
/// library for terminals, JLine, is seen from nowhere else. Commands may depend on it.
@NullMarked
package dev.lengthwise.app.terminal;

import org.jspecify.annotations.NullMarked;
