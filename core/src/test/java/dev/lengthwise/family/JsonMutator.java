package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/// Changes JSON objects as damaged, foreign or hand-written headers differ from good ones: the
/// syntax stays right, one value or key becomes wrong.
///
/// @param random makes every choice
/// @param foreign headers of other models, whose keys are carried over
record JsonMutator(Random random, List<ObjectNode> foreign) {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /// Where a value stands: in an object under a key, or in a list at an index.
  private sealed interface Place {
    record Key(ObjectNode object, String key) implements Place {}

    record Element(ArrayNode list, int index) implements Place {}

    default JsonNode value() {
      return switch (this) {
        case Key(ObjectNode object, String key) -> object.get(key);
        case Element(ArrayNode list, int index) -> list.get(index);
      };
    }

    default void set(JsonNode value) {
      switch (this) {
        case Key(ObjectNode object, String key) -> object.set(key, value);
        case Element(ArrayNode list, int index) -> list.set(index, value);
      }
    }

    default void remove() {
      switch (this) {
        case Key(ObjectNode object, String key) -> object.remove(key);
        case Element(ArrayNode list, int index) -> list.remove(index);
      }
    }

    default String name() {
      return switch (this) {
        case Key(_, String key) -> key;
        case Element(ArrayNode list, int index) -> "element %d of %s".formatted(index, list);
      };
    }
  }

  /// Changes one thing in `root` and says what.
  String mutate(ObjectNode root) {
    List<Place> places = new ArrayList<>();
    collect(root, places);
    if (places.isEmpty() || random.nextInt(6) == 0) {
      return carryOver(root);
    }
    Place place = one(places);
    String before = place.name() + ": " + place.value();
    switch (random.nextInt(8)) {
      case 0 -> place.remove();
      case 1 -> rename(place);
      case 2 -> place.set(one(places).value().deepCopy());
      case 3, 4 -> place.set(other());
      default -> place.set(near(place.value()));
    }
    String after = place instanceof Place.Key(ObjectNode o, String k) ? "" + o.get(k) : "changed";
    return before + " → " + after;
  }

  private static void collect(JsonNode node, List<Place> places) {
    if (node instanceof ObjectNode object) {
      object.fieldNames().forEachRemaining(key -> places.add(new Place.Key(object, key)));
      object.forEach(value -> collect(value, places));
    } else if (node instanceof ArrayNode list) {
      for (int index = 0; index < Math.min(list.size(), 4); index++) {
        places.add(new Place.Element(list, index));
        collect(list.get(index), places);
      }
    }
  }

  private String carryOver(ObjectNode root) {
    ObjectNode from = one(foreign);
    List<String> keys = new ArrayList<>();
    from.fieldNames().forEachRemaining(keys::add);
    String key = one(keys);
    root.set(key, from.get(key).deepCopy());
    return key + " of another model: " + from.get(key);
  }

  private static void rename(Place place) {
    JsonNode value = place.value();
    place.remove();
    if (place instanceof Place.Key(ObjectNode object, String key)) {
      object.set(key + "_", value);
    }
  }

  // A value like this one, of the same kind or as another program might write it.
  private JsonNode near(JsonNode value) {
    if (value.isNumber()) {
      return random.nextInt(4) == 0 ? NODES.textNode(value.asText()) : number(value.asDouble());
    }
    if (value instanceof ArrayNode list) {
      return list(list.deepCopy());
    }
    if (value.isTextual()) {
      String text = value.textValue();
      return one(List.of(NODES.textNode(text + "x"), NODES.textNode(""), list(NODES.arrayNode())));
    }
    return value.isBoolean() ? NODES.booleanNode(!value.booleanValue()) : other();
  }

  private JsonNode number(double value) {
    return switch (random.nextInt(9)) {
      case 0 -> NODES.numberNode(((long) value) + 1);
      case 1 -> NODES.numberNode(((long) value) - 1);
      case 2 -> NODES.numberNode(((long) value) * 2);
      case 3 -> NODES.numberNode(((long) value) / 2);
      case 4 -> NODES.numberNode(-value);
      case 5 -> NODES.numberNode(value + 0.5);
      case 6 -> NODES.numberNode(((long) value) * 1000);
      case 7 -> NODES.arrayNode().add(value);
      default -> other();
    };
  }

  private JsonNode list(ArrayNode list) {
    switch (random.nextInt(5)) {
      case 0 -> list.removeAll();
      case 1 -> list.addAll(list.deepCopy());
      case 2 -> list.add(other());
      case 3 -> list.insert(0, NODES.nullNode());
      default -> {
        return list.isEmpty() ? NODES.nullNode() : list.get(0).deepCopy();
      }
    }
    return list;
  }

  // Anything at all.
  private JsonNode other() {
    List<Supplier<JsonNode>> makers =
        List.of(
            NODES::nullNode,
            () -> NODES.booleanNode(random.nextBoolean()),
            () -> NODES.textNode(one(List.of("", "x", "0", "none", "1e9", "\u0000", "yarn"))),
            () -> NODES.numberNode(one(List.of(0L, -1L, 1L, 2L, 3L, 7L, 100L, 4096L, 1L << 20))),
            () -> NODES.numberNode(one(List.of(1L << 31, (1L << 31) - 1, 1L << 53, -(1L << 31)))),
            () -> NODES.numberNode(one(List.of(Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32))),
            () -> NODES.numberNode(BigInteger.TEN.pow(random.nextInt(20, 400))),
            () -> NODES.numberNode(one(List.of(0.5, -0.5, 1e-300, 1e300, -1e300, 1e39, 1e-9))),
            () -> NODES.numberNode(one(List.of(Double.NaN, Double.POSITIVE_INFINITY, -0.0))),
            NODES::arrayNode,
            NODES::objectNode,
            () -> NODES.arrayNode().add(NODES.arrayNode().add(1)),
            () -> NODES.objectNode().set("x", NODES.objectNode()),
            this::nested);
    return one(makers).get();
  }

  private JsonNode nested() {
    JsonNode inner = NODES.arrayNode();
    for (int depth = 0; depth < 200; depth++) {
      inner = NODES.arrayNode().add(inner);
    }
    return inner;
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
