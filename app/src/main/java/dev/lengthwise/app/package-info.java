/// The program: the list of its commands, and the one switch from exceptions to exit codes.
///
/// Start reading at [dev.lengthwise.app.Main]; [dev.lengthwise.app.Commands] lists the commands.
/// Depends on `app.command` and `app.options`; nothing depends on it.
@NullMarked
package dev.lengthwise.app;

import org.jspecify.annotations.NullMarked;
