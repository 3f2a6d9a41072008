/// The attention plan: which keys a query sees, at which positions, with which scale and bias.
@NullMarked
package dev.lengthwise.position;

import org.jspecify.annotations.NullMarked;
