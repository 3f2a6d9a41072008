/// Keys and values of the past.
///
/// Start reading at [dev.lengthwise.cache.KeyValueCache]. May depend on `position` and `attention`.
@NullMarked
package dev.lengthwise.cache;

import org.jspecify.annotations.NullMarked;
