/// What libtorch needs before a tensor is made: its libraries, devices, and memory that it shares.
///
/// Start reading at [dev.lengthwise.torch.Libtorch], then [dev.lengthwise.torch.TorchMemory]. A
/// tensor itself is libtorch's own. Everything may depend on this package; it depends on nothing
/// but the exception of the root.
@NullMarked
package dev.lengthwise.torch;

import org.jspecify.annotations.NullMarked;
