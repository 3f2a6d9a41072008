/// The library, for programs that use models: [dev.lengthwise.Model] opens one, a
/// [dev.lengthwise.Session] is one text, a [dev.lengthwise.Chat] one conversation.
///
/// Start reading at [dev.lengthwise.Model]. Everything may depend on
/// [dev.lengthwise.LengthwiseException], the one exception type for failures that a user can mend;
/// on the rest nothing in this module may, and the command line does.
@NullMarked
package dev.lengthwise;

import org.jspecify.annotations.NullMarked;
