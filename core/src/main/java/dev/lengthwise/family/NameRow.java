package dev.lengthwise.family;

import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightId.Part;
import java.util.List;

/// One row of a [NameMap]: what a file calls some weights, and how it holds them. It is read and
/// written from the same row.
///
/// @param name name of the module: `%l` stands for the layer, `%e` for the expert, and `%h` for the
///     head where the file has a tensor for each
/// @param slots the places whose weights it holds; several where the file has joined them
/// @param arrangement how the rows of the weights are the rows of the tensor
/// @param transposed whether the file holds `[inputs, outputs]`
/// @param shift what the file leaves out of each number: 1 where a gain is stored as `gain − 1`
/// @param weightSuffix what the name of the weights, or factors, ends with
/// @param biasSuffix what the name of the biases, or offsets, ends with
record NameRow(
    String name,
    List<Slot> slots,
    Arrangement arrangement,
    boolean transposed,
    double shift,
    String weightSuffix,
    String biasSuffix) {

  /// How the rows of some weights are the rows of one tensor.
  enum Arrangement {
    /// The weights one after the other.
    STACKED,
    /// Group by group: the query heads that share a key head, its key, its value.
    BY_GROUP,
    /// A matrix of one row, held as a vector.
    FLAT,
    /// A row of each weight in turn.
    IN_TURN,
    /// The matrices of all experts in one tensor of three dimensions, each with its weights one
    /// after the other.
    EXPERTS,
    /// The same with a row of each weight in turn.
    EXPERTS_IN_TURN,
    /// One weight whose heads are matrices of a tensor of three dimensions.
    HEADS,
    /// The same with each of them transposed.
    TRANSPOSED_HEADS;

    /// Whether one tensor holds all experts.
    boolean holdsExperts() {
      return this == EXPERTS || this == EXPERTS_IN_TURN;
    }
  }

  /// Copies the list.
  NameRow {
    slots = List.copyOf(slots);
  }

  /// A module that holds the weights of these places one after the other.
  static NameRow of(String name, Slot... slots) {
    return new NameRow(
        name,
        List.of(slots),
        Arrangement.STACKED,
        false,
        0,
        Part.WEIGHT.suffix(),
        Part.BIAS.suffix());
  }

  /// The same with another arrangement.
  NameRow arranged(Arrangement other) {
    return new NameRow(name, slots, other, transposed, shift, weightSuffix, biasSuffix);
  }

  /// The same as `[inputs, outputs]`.
  NameRow asTransposed() {
    return new NameRow(name, slots, arrangement, true, shift, weightSuffix, biasSuffix);
  }

  /// The same with gains stored as `gain − 1`.
  NameRow plusOne() {
    return new NameRow(name, slots, arrangement, transposed, 1, weightSuffix, biasSuffix);
  }

  /// The same under another name.
  NameRow named(String other) {
    return new NameRow(other, slots, arrangement, transposed, shift, weightSuffix, biasSuffix);
  }

  /// The same with other ends of names.
  NameRow suffixed(String weights, String biases) {
    return new NameRow(name, slots, arrangement, transposed, shift, weights, biases);
  }

  /// Whether every head has a tensor of its own; `%h` in the name stands for it.
  boolean isSplitByHead() {
    return name.contains("%h");
  }

  /// The name of the tensor that holds `id`; of a row that is split by head, of the first head.
  String nameOf(WeightId id) {
    return nameOf(id, 0);
  }

  /// The same for one head.
  String nameOf(WeightId id, int head) {
    String module =
        name.replace("%l", Integer.toString(id.layer()))
            .replace("%e", Integer.toString(id.expert()))
            .replace("%h", Integer.toString(head));
    return module
        + switch (id.part()) {
          case WEIGHT, SCALE -> weightSuffix;
          case BIAS, OFFSET -> biasSuffix;
        };
  }
}
