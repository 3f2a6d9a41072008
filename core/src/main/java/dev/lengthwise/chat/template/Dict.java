package dev.lengthwise.chat.template;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A dictionary in the order in which keys were put. Keys that Python holds equal are one key: `1`,
/// `1.0` and `True`.
final class Dict implements Value {

  /// A key with its value.
  record Entry(Value key, Value value) {}

  private final Map<Object, Entry> entries;

  private Dict(Map<Object, Entry> entries) {
    this.entries = entries;
  }

  /// Of several entries with one key, the first keeps the key and its place, the last the value.
  static Dict of(Collection<Entry> entries) {
    Map<Object, Entry> map = new LinkedHashMap<>();
    for (Entry entry : entries) {
      map.merge(hashable(entry.key()), entry, (old, added) -> new Entry(old.key(), added.value()));
    }
    return new Dict(map);
  }

  /// A dictionary with texts as keys. A name may come from `**` and a conversation, and does not
  /// know it, so all count as from outside.
  static Dict ofNamed(Map<String, Value> named) {
    return of(
        named.entrySet().stream()
            .map(entry -> new Entry(Text.outside(entry.getKey()), entry.getValue()))
            .toList());
  }

  @Nullable Value get(Value key) {
    Entry entry = entries.get(hashable(key));
    return entry == null ? null : entry.value();
  }

  boolean has(Value key) {
    return entries.containsKey(hashable(key));
  }

  int size() {
    return entries.size();
  }

  Collection<Entry> entries() {
    return entries.values();
  }

  List<Value> part(View.Part part) {
    return entries.values().stream()
        .map(
            entry ->
                switch (part) {
                  case KEYS -> entry.key();
                  case VALUES -> entry.value();
                  case ITEMS -> Tuple.of(entry.key(), entry.value());
                })
        .toList();
  }

  /// Equal for values that are equal in Python.
  ///
  /// @throws TemplateFailure for a value that cannot be a key
  static Object hashable(Value key) {
    return switch (key) {
      case Text text -> text.string();
      case Bool bool -> bool.value() ? BigDecimal.ONE : BigDecimal.ZERO;
      case Int number -> new BigDecimal(number.value());
      case Real real when Double.isFinite(real.value()) -> plain(new BigDecimal(real.value()));
      case Tuple tuple -> tuple.elements().stream().map(Dict::hashable).toList();
      case Sequence list -> throw unhashable(list);
      case Dict dict -> throw unhashable(dict);
      case Undefined undefined -> Undefined.class;
      case None none -> none;
      case Real real -> real;
      case View view -> throw unhashable(view);
      case Range range -> range;
      case GeneratorValue generator -> generator;
      case Namespace namespace -> namespace;
      case Function function -> function;
      case LoopState loop -> loop;
    };
  }

  private static Object plain(BigDecimal number) {
    BigDecimal shortest = number.stripTrailingZeros();
    return shortest.scale() < 0 ? shortest.setScale(0) : shortest;
  }

  private static TemplateFailure unhashable(Value value) {
    return TemplateFailure.of("a value of type %s cannot be a key", Types.name(value));
  }
}
