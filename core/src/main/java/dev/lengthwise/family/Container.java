package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;

/// What holds the header and the tensors of a model.
enum Container {
  /// Safetensors with `config.json`.
  HUGGING_FACE("model_type"),
  /// One GGUF file.
  GGUF("general.architecture"),
  /// A file of llama2.c, which does not name its type.
  LLAMA2C("");

  private final String typeKey;

  Container(String typeKey) {
    this.typeKey = typeKey;
  }

  /// The key that names the type of a model.
  String typeKey() {
    return typeKey;
  }

  /// The container of a checkpoint.
  static Container of(Checkpoint checkpoint) {
    return switch (checkpoint.format()) {
      case "gguf" -> GGUF;
      case "llama2.c" -> LLAMA2C;
      default -> HUGGING_FACE;
    };
  }

  /// The type that a checkpoint names; empty where it names none.
  String typeOf(Checkpoint checkpoint) {
    return typeKey.isEmpty() ? "" : checkpoint.header().path(typeKey).asText();
  }
}
