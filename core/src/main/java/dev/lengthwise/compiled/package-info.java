/// Kernels that are compiled from C, where there are some for this machine.
///
/// Start reading at [dev.lengthwise.compiled.CompiledKernels]. Depends on `io` and `parallel`; what
/// the kernels compute belongs to their callers.
@NullMarked
package dev.lengthwise.compiled;

import org.jspecify.annotations.NullMarked;
