/// Templates of texts that training and evaluation share.
///
/// Start reading at [dev.lengthwise.text.PasskeyTemplate]. Depends on nothing.
@NullMarked
package dev.lengthwise.text;

import org.jspecify.annotations.NullMarked;
