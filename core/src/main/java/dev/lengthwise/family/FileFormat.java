package dev.lengthwise.family;

import dev.lengthwise.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.List;

/// How the files of a family look in one container: under which types, with which keys and names.
///
/// @param container what holds header and tensors
/// @param types values of `model_type` (Hugging Face) or `general.architecture` (GGUF); the first
///     is written
/// @param architecture class of Hugging Face's library that computes the model; empty in GGUF, and
///     where there is none
/// @param keys names of the settings
/// @param names names of the weights
/// @param interleaved whether rotary pairs are neighbours
record FileFormat(
    Container container,
    List<String> types,
    String architecture,
    KeyTable keys,
    NameMap names,
    boolean interleaved) {

  /// Copies the list.
  FileFormat {
    types = List.copyOf(types);
  }

  /// Files of Hugging Face's library with rotary pairs half a rotary size apart.
  static FileFormat huggingFace(String type, String architecture, KeyTable keys, NameMap names) {
    return new FileFormat(Container.HUGGING_FACE, List.of(type), architecture, keys, names, false);
  }

  /// GGUF files with rotary pairs half a rotary size apart.
  static FileFormat gguf(String type, NameMap names) {
    return new FileFormat(Container.GGUF, List.of(type), "", KeyTable.GGUF, names, false);
  }

  /// The same with rotary pairs as neighbours.
  FileFormat withInterleavedPairs() {
    return new FileFormat(container, types, architecture, keys, names, true);
  }

  /// The same, read under further types.
  FileFormat alsoReading(String... others) {
    List<String> all = new ArrayList<>(types);
    all.addAll(List.of(others));
    return new FileFormat(container, all, architecture, keys, names, interleaved);
  }

  /// The same with other keys.
  FileFormat with(KeyTable other) {
    return new FileFormat(container, types, architecture, other, names, interleaved);
  }

  /// The same with other names.
  FileFormat with(NameMap other) {
    return new FileFormat(container, types, architecture, keys, other, interleaved);
  }

  /// How its files order the channels of a head.
  FileTensor.Channels channels() {
    if (names.equals(Names.OWN)) {
      return FileTensor.Channels.AS_HERE;
    }
    return interleaved ? FileTensor.Channels.NEIGHBOURS : FileTensor.Channels.HALVES;
  }

  /// The same with every weight under its own name, as run folders have them.
  FileFormat withOwnNames() {
    return new FileFormat(container, types, architecture, keys, Names.OWN, false);
  }

  /// Whether a checkpoint says that it is such a file.
  boolean matches(Checkpoint checkpoint) {
    return Container.of(checkpoint) == container && types.contains(container.typeOf(checkpoint));
  }
}
