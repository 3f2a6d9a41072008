/// Options that several commands have, and what they open: a model, texts, lengths, devices.
///
/// Start reading at [dev.lengthwise.app.options.ModelOptions], then
/// [dev.lengthwise.runtime.OpenModel]. Depends on everything below; the commands and the
/// program may depend on it.
@NullMarked
package dev.lengthwise.app.options;

import org.jspecify.annotations.NullMarked;
