/// What every package may use: [dev.lengthwise.LengthwiseException], the one exception type for
/// failures that a user can mend.
///
/// Everything may depend on the exception, which depends on nothing.
@NullMarked
package dev.lengthwise;

import org.jspecify.annotations.NullMarked;
