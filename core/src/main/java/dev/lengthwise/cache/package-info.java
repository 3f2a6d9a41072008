/// Keys and values of the past: in pages of 64 tokens that kernels read, or in tensors; which of
/// them may be dropped; and the states of recurrences.
///
/// Start reading at [dev.lengthwise.cache.KeyValueCache], then
/// [dev.lengthwise.cache.KeyValuePages]. Depends on `position`, `attention`, `parallel`,
/// `quantised`, `recurrence`, `torch` and `compiled` only. The engines, `generate` and all above
/// may depend on it.
@NullMarked
package dev.lengthwise.cache;

import org.jspecify.annotations.NullMarked;
