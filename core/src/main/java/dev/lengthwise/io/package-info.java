/// Files that are written whole or not at all, JSON in files, and checksums.
///
/// Start reading at [dev.lengthwise.io.AtomicFile]. Everything may depend on this package; it
/// depends on nothing but the exception of the root.
@NullMarked
package dev.lengthwise.io;

import org.jspecify.annotations.NullMarked;
