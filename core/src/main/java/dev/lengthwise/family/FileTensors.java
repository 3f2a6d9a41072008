package dev.lengthwise.family;

import dev.lengthwise.model.Mixer;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.model.WeightList;
import dev.lengthwise.model.WeightSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// The tensors of a model's file, by a [NameMap].
final class FileTensors {

  private final ModelSpec spec;
  private final NameMap names;
  private final FileTensor.Channels channels;
  private final Map<WeightId, WeightSpec> weights = new LinkedHashMap<>();
  private final Map<String, FileTensor> made = new HashMap<>(); // experts share large ones

  /// The tensors of files of a format.
  FileTensors(ModelSpec spec, FileFormat format) {
    this.spec = spec;
    this.names = format.names();
    this.channels = format.channels();
    WeightList.of(spec).forEach(weight -> weights.put(weight.id(), weight));
  }

  /// The weights of the model.
  List<WeightSpec> weights() {
    return List.copyOf(weights.values());
  }

  /// Whether the model has this weight.
  boolean has(WeightId id) {
    return weights.containsKey(id);
  }

  /// The tensor that holds a weight: the first that the file has, or, where it has none, the one
  /// that was looked for. Of a weight with a tensor for each head, that of the first.
  ///
  /// @param exists whether the file has a tensor of this name
  FileTensor holding(WeightId id, Predicate<String> exists) {
    return allHolding(id, exists).getFirst();
  }

  /// The tensors that hold a weight: several where the file has one for each head.
  ///
  /// @param exists whether the file has a tensor of this name
  List<FileTensor> allHolding(WeightId id, Predicate<String> exists) {
    List<NameRow> rows =
        names.rowsOf(id.slot()).stream().filter(row -> !isOfAnother(row, id)).toList();
    if (rows.isEmpty()) {
      throw new IllegalStateException("the format has no name for " + id);
    }
    for (NameRow row : rows) {
      String name = row.nameOf(id);
      if (exists.test(name)) {
        return tensors(row, id);
      }
      String bare = withoutPrefix(name);
      if (exists.test(bare)) {
        return List.of(tensor(row, id, bare));
      }
    }
    return tensors(rows.getLast(), id);
  }

  // Whether the name of a row is, in this model, that of a weight at another place: an earlier row
  // has the same name, and the model has what that one holds.
  private boolean isOfAnother(NameRow row, WeightId id) {
    for (NameRow earlier : names.rows()) {
      if (earlier.equals(row)) {
        return false;
      }
      boolean sameName =
          earlier.name().equals(row.name()) && earlier.weightSuffix().equals(row.weightSuffix());
      if (sameName && !earlier.slots().contains(id.slot()) && holdsAny(earlier, id)) {
        return true;
      }
    }
    return false;
  }

  private boolean holdsAny(NameRow row, WeightId beside) {
    return weights.keySet().stream()
        .filter(id -> id.layer() == beside.layer() && id.expert() == beside.expert())
        .anyMatch(id -> id.part() == beside.part() && row.slots().contains(id.slot()));
  }

  private String withoutPrefix(String name) {
    return name.startsWith(names.prefix()) ? name.substring(names.prefix().length()) : name;
  }

  /// All tensors as they are written, in the order of the weights.
  List<FileTensor> written() {
    Map<String, FileTensor> all = new LinkedHashMap<>();
    for (WeightId id : weights.keySet()) {
      NameRow row = writtenRow(id);
      for (FileTensor tensor : tensors(row, id)) {
        all.putIfAbsent(tensor.name(), tensor);
      }
    }
    return List.copyOf(all.values());
  }

  // The first row whose weights the model has all of: a row that joins some is no name of one.
  private NameRow writtenRow(WeightId id) {
    List<NameRow> rows = names.rowsOf(id.slot());
    return rows.stream()
        .filter(
            row ->
                row.slots().stream()
                    .allMatch(slot -> has(new WeightId(slot, id.layer(), id.expert(), id.part()))))
        .findFirst()
        .orElse(rows.getFirst());
  }

  private List<FileTensor> tensors(NameRow row, WeightId id) {
    if (!row.isSplitByHead()) {
      return List.of(tensor(row, id, row.nameOf(id)));
    }
    WeightSpec whole = weights.get(id);
    if (whole == null) {
      throw new IllegalStateException("no weight " + id);
    }
    int heads = headsOf(whole).orElseThrow();
    int size = Math.toIntExact(whole.elements() / heads);
    WeightSpec part = new WeightSpec(id, whole.role(), List.of((long) size));
    return IntStream.range(0, heads)
        .mapToObj(
            head ->
                new FileTensor(
                    row.nameOf(id, head),
                    row,
                    part.shape(),
                    List.of(part),
                    head * size,
                    spec,
                    channels))
        .toList();
  }

  private FileTensor tensor(NameRow row, WeightId id, String name) {
    FileTensor found = made.get(name);
    if (found == null) {
      found = newTensor(row, id, name);
      made.put(name, found);
    }
    return found;
  }

  private FileTensor newTensor(NameRow row, WeightId id, String name) {
    List<WeightSpec> parts = new ArrayList<>();
    int experts = row.arrangement().holdsExperts() ? FileTensor.experts(spec, id.layer()) : 1;
    for (int expert = 0; expert < experts; expert++) {
      int own = row.arrangement().holdsExperts() ? expert : id.expert();
      for (Slot slot : row.slots()) {
        WeightSpec part = weights.get(new WeightId(slot, id.layer(), own, id.part()));
        if (part != null) {
          parts.add(part);
        }
      }
    }
    return new FileTensor(name, row, shape(row, parts, experts), parts, 0, spec, channels);
  }

  // Heads of a norm that has numbers of its own for each.
  private OptionalInt headsOf(WeightSpec part) {
    WeightId id = part.id();
    if (id.layer() < 0
        || !(spec.layers().get(id.layer()).mixer() instanceof Mixer.Attention own)
        || own.norm().extent() != Mixer.HeadNorm.Extent.EACH_HEAD) {
      return OptionalInt.empty();
    }
    return switch (id.slot()) {
      case QUERY_NORM -> OptionalInt.of(own.heads());
      case KEY_NORM -> OptionalInt.of(own.keyValueHeads());
      default -> OptionalInt.empty();
    };
  }

  private List<Long> shape(NameRow row, List<WeightSpec> parts, int experts) {
    long all = parts.stream().mapToLong(part -> part.shape().getFirst()).sum();
    List<Long> own = parts.getFirst().shape();
    boolean vector = own.size() == 1;
    if (row.arrangement() == NameRow.Arrangement.FLAT) {
      return List.of(own.getLast());
    }
    if (row.arrangement() == NameRow.Arrangement.HEADS
        || row.arrangement() == NameRow.Arrangement.TRANSPOSED_HEADS) {
      long count = spec.keyValueHeads(parts.getFirst().id().layer());
      return row.arrangement() == NameRow.Arrangement.HEADS
          ? List.of(count, own.getFirst() / count, own.getLast())
          : List.of(count, own.getLast(), own.getFirst() / count);
    }
    OptionalInt heads = headsOf(parts.getFirst());
    if (heads.isPresent()) {
      long size = own.getFirst() / heads.getAsInt();
      return List.of((long) heads.getAsInt(), size);
    }
    long rows = row.arrangement().holdsExperts() ? all / experts : all;
    LongStream matrix =
        vector
            ? LongStream.of(rows)
            : row.transposed()
                ? LongStream.of(own.getLast(), rows)
                : LongStream.of(rows, own.getLast());
    return row.arrangement().holdsExperts()
        ? LongStream.concat(LongStream.of(experts), matrix).boxed().toList()
        : matrix.boxed().toList();
  }
}
