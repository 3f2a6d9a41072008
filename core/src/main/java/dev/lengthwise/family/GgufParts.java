package dev.lengthwise.family;

import dev.lengthwise.checkpoint.RowSource;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.gguf.GgufMetadata;
import java.util.List;

/// A model as the parts of a GGUF file that llama.cpp opens; what the types of tensors will be is
/// still open.
///
/// @param metadata all key-values but those that follow from the types
/// @param tensors every tensor, in order
/// @param remarks a sentence for each thing that the file cannot say
public record GgufParts(GgufMetadata metadata, List<Part> tensors, List<String> remarks) {

  /// One tensor.
  ///
  /// @param name its name in the new file
  /// @param source where its rows are from
  public record Part(String name, RowSource source) {

    /// A tensor whose rows stay in their order.
    Part(String name, TensorEntry source) {
      this(name, RowSource.of(source));
    }
  }

  /// Copies the lists.
  public GgufParts {
    tensors = List.copyOf(tensors);
    remarks = List.copyOf(remarks);
  }
}
