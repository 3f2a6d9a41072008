/// The command line: thin commands over the core. Start reading at
/// [dev.lengthwise.app.CompareCommand], the main job; [dev.lengthwise.app.Main] lists the others.
@NullMarked
package dev.lengthwise.app;

import org.jspecify.annotations.NullMarked;
