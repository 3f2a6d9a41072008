package dev.lengthwise.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A queue whose owners take turns: who brings many does not keep others waiting for all of them.
final class FairQueue<T> {

  private final Map<Object, Deque<T>> owners = new LinkedHashMap<>();
  private int size;

  int size() {
    return size;
  }

  void add(Object owner, T item) {
    owners.computeIfAbsent(owner, _ -> new ArrayDeque<>()).add(item);
    size++;
  }

  /// The next item, which stays.
  Optional<T> peek() {
    return owners.values().stream().findFirst().map(Deque::getFirst);
  }

  /// Takes the next item away; its owner goes to the end.
  void remove() {
    Map.Entry<Object, Deque<T>> first = owners.entrySet().iterator().next();
    Object owner = first.getKey();
    Deque<T> items = first.getValue();
    items.removeFirst();
    size--;
    owners.remove(owner);
    if (!items.isEmpty()) {
      owners.put(owner, items);
    }
  }

  /// Takes away every item that `condition` holds for.
  List<T> removeAll(Predicate<T> condition) {
    List<T> removed = new ArrayList<>();
    for (Deque<T> items : owners.values()) {
      items.removeIf(
          item -> {
            boolean goes = condition.test(item);
            if (goes) {
              removed.add(item);
            }
            return goes;
          });
    }
    owners.values().removeIf(Deque::isEmpty);
    size -= removed.size();
    return removed;
  }
}
