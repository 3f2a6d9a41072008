package dev.lengthwise.position;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The JSON of a method, the block `length_extrapolation` of a `config.json`:
///
///     {"method": "kerple", "kind": "log"}
///     {"method": [{"method": "rope"}, {"method": "log-n", "base": 512}]}
///     {"method": "window", "window": 4096, "over": {"method": "yarn", "factor": 4}}
///
/// Older files hold joined methods as one text, `{"method": "rope+log-n:base=512"}`, and numbers
/// and truth values as texts; they are read as well.
public final class MethodJson {

  static final String METHOD = "method";
  static final String OVER = "over";

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private MethodJson() {}

  /// The block of a method.
  public static ObjectNode write(MethodValue value) {
    ObjectNode block = JSON.objectNode();
    if (value.terms().size() == 1) {
      put(block, value.terms().getFirst());
    } else {
      ArrayNode terms = block.putArray(METHOD);
      value.terms().forEach(term -> put(terms.addObject(), term));
    }
    value.under().ifPresent(under -> block.set(OVER, write(under)));
    return block;
  }

  private static void put(ObjectNode block, MethodTerm term) {
    block.put(METHOD, term.name());
    term.parameters().forEach((key, value) -> block.set(key, node(value)));
  }

  private static JsonNode node(ParameterValue value) {
    return switch (value) {
      case ParameterValue.Decimal(double number) -> node(number);
      case ParameterValue.Decimals(List<Double> numbers) -> {
        ArrayNode array = JSON.arrayNode();
        numbers.forEach(number -> array.add(node(number)));
        yield array;
      }
      case ParameterValue.Flag(boolean flag) -> JSON.booleanNode(flag);
      case ParameterValue.Word(String word) -> JSON.textNode(word);
    };
  }

  // Whole numbers without a point, as people write them.
  private static JsonNode node(double number) {
    return number == (long) number && Math.abs(number) < Long.MAX_VALUE
        ? JSON.numberNode((long) number)
        : JSON.numberNode(number);
  }

  /// The method that a block stands for. Which names and keys there are is not checked here.
  ///
  /// @throws IllegalArgumentException when the block is not written as a method is
  public static MethodValue read(JsonNode block) {
    if (!(block instanceof ObjectNode object)) {
      throw new IllegalArgumentException("a method must be an object, found " + block);
    }
    ObjectNode own = object.deepCopy();
    Optional<MethodValue> under = Optional.ofNullable(own.remove(OVER)).map(MethodJson::read);
    MethodValue top = top(own);
    return under.map(top::over).orElse(top);
  }

  private static MethodValue top(ObjectNode block) {
    JsonNode method = block.path(METHOD);
    if (method.isArray()) {
      requireNoOther(block);
      List<MethodTerm> terms = new ArrayList<>();
      method.forEach(term -> terms.add(single(term)));
      return new MethodValue(terms, Optional.empty());
    }
    if (!method.isTextual()) {
      throw unexpected(METHOD, "the name of a method or a list of blocks", method);
    }
    MethodValue named = MethodText.read(method.textValue());
    MethodTerm term = named.terms().getFirst();
    if (!named.equals(MethodValue.of(new MethodTerm(term.name())))) {
      requireNoOther(block);
      return named;
    }
    for (Map.Entry<String, JsonNode> entry : block.properties()) {
      if (!entry.getKey().equals(METHOD)) {
        term = term.with(entry.getKey(), value(entry.getKey(), entry.getValue()));
      }
    }
    return MethodValue.of(term);
  }

  private static MethodTerm single(JsonNode block) {
    MethodValue value = read(block);
    if (value.terms().size() > 1 || value.under().isPresent()) {
      throw unexpected(METHOD, "a list of blocks of one method each", block);
    }
    return value.terms().getFirst();
  }

  private static void requireNoOther(ObjectNode block) {
    if (block.size() > 1) {
      throw new IllegalArgumentException(
          "key \"method\" says everything, so no other key may stand beside it, found " + block);
    }
  }

  private static ParameterValue value(String key, JsonNode node) {
    if (node.isNumber()) {
      return new ParameterValue.Decimal(node.doubleValue());
    }
    if (node.isBoolean()) {
      return new ParameterValue.Flag(node.booleanValue());
    }
    if (node.isTextual()) {
      return ParameterValue.read(node.textValue());
    }
    List<Double> numbers = new ArrayList<>();
    for (JsonNode element : node) {
      if (!element.isNumber()) {
        throw unexpected(key, "a list of numbers", node);
      }
      numbers.add(element.doubleValue());
    }
    if (!node.isArray() || numbers.isEmpty()) {
      throw unexpected(key, "a number, a word, a truth value or a list of numbers", node);
    }
    return new ParameterValue.Decimals(numbers);
  }

  private static IllegalArgumentException unexpected(String key, String expected, JsonNode found) {
    return new IllegalArgumentException(
        "key \"%s\" must be %s, found %s"
            .formatted(key, expected, found.isMissingNode() ? "nothing" : found));
  }
}
