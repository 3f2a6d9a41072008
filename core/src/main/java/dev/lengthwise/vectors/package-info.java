/// Many vectors at once: nearest neighbours, hubs among them, and what takes hubs away.
///
/// Start reading at [dev.lengthwise.vectors.HubnessStudy]. Vectors are plain numbers here: nothing
/// of this package knows texts or models.
@NullMarked
package dev.lengthwise.vectors;

import org.jspecify.annotations.NullMarked;
