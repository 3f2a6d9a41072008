/// The command line.
@NullMarked
package dev.lengthwise.app;

import org.jspecify.annotations.NullMarked;
