package dev.lengthwise.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/// The fields of a request, each asked for with its type and range. `null` is as good as absent.
/// What nobody asked for is refused: a field that changes nothing would be a silent deviation.
final class Fields {

  private final ObjectNode object;
  private final Set<String> asked = new HashSet<>();

  Fields(ObjectNode object) {
    this.object = object;
  }

  Optional<JsonNode> value(String name) {
    asked.add(name);
    return Optional.ofNullable(object.get(name)).filter(node -> !node.isNull());
  }

  Optional<String> text(String name) {
    return value(name).map(node -> checkedText(name, node));
  }

  private static String checkedText(String name, JsonNode node) {
    if (!node.isTextual()) {
      throw wrong(name, "a string", node);
    }
    return node.textValue();
  }

  boolean flag(String name, boolean otherwise) {
    Optional<JsonNode> found = value(name);
    if (found.isPresent() && !found.get().isBoolean()) {
      throw wrong(name, "true or false", found.get());
    }
    return found.map(JsonNode::booleanValue).orElse(otherwise);
  }

  OptionalInt whole(String name, int least, int most) {
    OptionalLong found = wholeLong(name, least, most);
    return found.isPresent() ? OptionalInt.of((int) found.getAsLong()) : OptionalInt.empty();
  }

  OptionalLong wholeLong(String name, long least, long most) {
    Optional<JsonNode> found = value(name);
    if (found.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode node = found.get();
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < least
        || node.longValue() > most) {
      throw wrong(name, "a whole number from %d to %d".formatted(least, most), node);
    }
    return OptionalLong.of(node.longValue());
  }

  double number(String name, double least, double most, double otherwise) {
    Optional<JsonNode> found = value(name);
    if (found.isEmpty()) {
      return otherwise;
    }
    double value = found.get().isNumber() ? found.get().doubleValue() : Double.NaN;
    if (!(value >= least && value <= most)) {
      throw wrong(name, "a number from %s to %s".formatted(least, most), found.get());
    }
    return value;
  }

  /// A text or a list of texts.
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    Optional<JsonNode> found = value(name);
    if (found.isPresent() && found.get().isArray()) {
      found.get().forEach(item -> texts.add(checkedText(name, item)));
    } else {
      found.ifPresent(node -> texts.add(checkedText(name, node)));
    }
    return texts;
  }

  /// A list of whatever.
  Optional<JsonNode> list(String name) {
    Optional<JsonNode> found = value(name);
    if (found.isPresent() && !found.get().isArray()) {
      throw wrong(name, "a list", found.get());
    }
    return found;
  }

  /// An object, whose fields are asked for in the same way.
  Optional<Fields> object(String name) {
    Optional<JsonNode> found = value(name);
    if (found.isPresent() && !found.get().isObject()) {
      throw wrong(name, "an object", found.get());
    }
    return found.map(node -> new Fields((ObjectNode) node));
  }

  /// The names of all of them.
  List<String> names() {
    return object.propertyStream().map(Map.Entry::getKey).toList();
  }

  /// All of them, whatever they are.
  ObjectNode all() {
    return object.deepCopy();
  }

  /// Token ids.
  ///
  /// @param tokens number of ids that there are
  static int[] ids(String name, JsonNode list, int tokens) {
    int[] ids = new int[list.size()];
    for (int n = 0; n < ids.length; n++) {
      JsonNode item = list.get(n);
      if (!item.isIntegralNumber() || !item.canConvertToInt()) {
        throw wrong(name, "token ids", item);
      }
      ids[n] = item.intValue();
      if (ids[n] < 0 || ids[n] >= tokens) {
        throw ApiException.invalid(
            name,
            "'%s' has the token id %d, which is not from 0 to %d"
                .formatted(name, ids[n], tokens - 1));
      }
    }
    return ids;
  }

  /// Refuses a field that asks for what is not there.
  ///
  /// @param harmless values that ask for nothing, as JSON
  void refuse(String name, String reason, String... harmless) {
    boolean asks =
        value(name)
            .filter(node -> node.isValueNode() || !node.isEmpty())
            .filter(node -> !List.of(harmless).contains(node.toString()))
            .isPresent();
    if (asks) {
      throw ApiException.invalid(name, "'%s' is not supported: %s".formatted(name, reason));
    }
  }

  /// Accepts fields that change no result.
  void ignore(String... names) {
    asked.addAll(List.of(names));
  }

  /// Refuses what nobody asked for.
  void requireKnown() {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!asked.contains(name)) {
                String shown = shortened(name);
                throw ApiException.invalid(
                    shown, "'%s' is no field of this request".formatted(shown));
              }
            });
  }

  static ApiException wrong(String name, String expected, JsonNode found) {
    return ApiException.invalid(
        name, "'%s' must be %s, found %s".formatted(name, expected, shortened(found.toString())));
  }

  /// A text from outside, as messages show it.
  static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
