package dev.lengthwise.family;

import dev.lengthwise.model.Slot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a file format of a family calls the weights of a decoder.
///
/// @param rows in the order in which they are looked for; the first that holds a place is written
/// @param prefix what some files leave out at the start of every name; empty for nothing
/// @param ignored names of tensors that are no weights, such as masks
record NameMap(List<NameRow> rows, String prefix, List<Pattern> ignored) {

  /// Copies the lists.
  NameMap {
    rows = List.copyOf(rows);
    ignored = List.copyOf(ignored);
  }

  /// These rows.
  static NameMap of(NameRow... rows) {
    return new NameMap(Arrays.asList(rows), "", List.of());
  }

  /// These rows before those of this map.
  NameMap with(NameRow... first) {
    return new NameMap(
        Stream.concat(Arrays.stream(first), rows.stream()).toList(), prefix, ignored);
  }

  /// These rows in place of all that hold one of their places.
  NameMap replacing(NameRow... others) {
    Set<Slot> replaced =
        Set.copyOf(Arrays.stream(others).flatMap(row -> row.slots().stream()).distinct().toList());
    List<NameRow> left = new ArrayList<>(List.of(others));
    rows.stream()
        .filter(row -> row.slots().stream().noneMatch(replaced::contains))
        .forEach(left::add);
    return new NameMap(left, prefix, ignored);
  }

  /// The same map without the rows of these names.
  NameMap without(String... left) {
    Set<String> names = Set.of(left);
    return new NameMap(
        rows.stream().filter(row -> !names.contains(row.name())).toList(), prefix, ignored);
  }

  /// The same map for files that may leave out `start` of every name.
  NameMap optionalPrefix(String start) {
    return new NameMap(rows, start, ignored);
  }

  /// The same map for files whose names may begin with `start`.
  NameMap optionally(String start) {
    return new NameMap(
        rows.stream().map(row -> row.named(start + row.name())).toList(), start, ignored);
  }

  /// The same map, with tensors that are no weights.
  NameMap ignoring(String... patterns) {
    return new NameMap(
        rows,
        prefix,
        Stream.concat(ignored.stream(), Arrays.stream(patterns).map(Pattern::compile)).toList());
  }

  /// Gains of these places are stored as `gain − 1`.
  NameMap plusOne(Slot... slots) {
    return mapping(NameRow::plusOne, slots);
  }

  /// Matrices of these places are stored as `[inputs, outputs]`.
  NameMap transposed(Slot... slots) {
    return mapping(NameRow::asTransposed, slots);
  }

  // The rows whose first place is one of these are changed.
  private NameMap mapping(UnaryOperator<NameRow> change, Slot... slots) {
    List<Slot> changed = List.of(slots);
    return new NameMap(
        rows.stream()
            .map(row -> changed.contains(row.slots().getFirst()) ? change.apply(row) : row)
            .toList(),
        prefix,
        ignored);
  }

  /// The rows that hold a place.
  List<NameRow> rowsOf(Slot slot) {
    return rows.stream().filter(row -> row.slots().contains(slot)).toList();
  }

  /// Whether a tensor is no weight.
  boolean ignores(String name) {
    return ignored.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }
}
