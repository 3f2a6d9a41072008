/// Models of a Hugging Face hub: the cache that its programs share, and how files get into it.
///
/// Start reading at [dev.lengthwise.hub.HubCache]. Only `pull` reaches the network; whoever opens a
/// model sees the cache alone. The package knows files, and neither checkpoints nor models.
@NullMarked
package dev.lengthwise.hub;

import org.jspecify.annotations.NullMarked;
