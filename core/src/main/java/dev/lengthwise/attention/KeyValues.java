package dev.lengthwise.attention;

/// Keys and values of the past, in one of two forms: tensors for libtorch's operations and for the
/// specification, pages for the kernels.
public sealed interface KeyValues permits KeyValueRows, KeyValueStore {

  /// Key and value heads.
  int heads();

  /// As tensors of keys that are not rotated; of pages, a copy of what they hold.
  KeyValueRows rows();
}
