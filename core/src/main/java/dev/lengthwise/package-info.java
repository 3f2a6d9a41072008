/// What every package may use: the one exception type for failures that a user can mend.
@NullMarked
package dev.lengthwise;

import org.jspecify.annotations.NullMarked;
