/// Texts that training and evaluation share: files, templates, and generators of questions whose
/// answer is known exactly (a catalogue).
///
/// Start reading at [dev.lengthwise.text.Documents] and [dev.lengthwise.text.TextGenerator].
/// Depends on nothing but the root.
@NullMarked
package dev.lengthwise.text;

import org.jspecify.annotations.NullMarked;
