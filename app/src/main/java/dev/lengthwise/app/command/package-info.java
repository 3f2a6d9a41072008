/// The commands, one file each, thin over the core, and what several of them share.
///
/// Start reading at [dev.lengthwise.app.command.CompareCommand], the main job. Depends on
/// everything below, every catalogue among them; only the program sees it.
@NullMarked
package dev.lengthwise.app.command;

import org.jspecify.annotations.NullMarked;
