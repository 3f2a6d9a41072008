package dev.lengthwise.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonObjects;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;

/// Writes a grammar for a part of JSON Schema: whatever it describes is valid under the schema.
///
/// Known keywords: `type`, `properties`, `required`, `additionalProperties`, `items`, `minItems`,
/// `maxItems`, `minLength`, `maxLength`, `enum`, `const`, `anyOf`, `$ref` to `$defs`, `definitions`
/// or the whole, `true`; `title`, `description`, `default`, `examples` and the like say nothing.
/// Every other keyword is refused by name, since leaving it out would allow what the schema
/// forbids.
///
/// Properties come in the order of the schema. Where it lists some, no others are written.
final class JsonSchemaGrammar {

  private static final Set<String> SAY_NOTHING =
      Set.of(
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "title",
          "description",
          "default",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly");
  private static final Set<String> KNOWN =
      Set.of(
          "type",
          "properties",
          "required",
          "additionalProperties",
          "items",
          "minItems",
          "maxItems",
          "minLength",
          "maxLength",
          "enum",
          "const",
          "anyOf",
          "$ref");
  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "number", "integer", "boolean", "null");
  private static final int MOST_RULES = 20_000;
  private static final int MOST_NESTED = 200;

  private final JsonNode whole;
  private final Map<String, String> rules = new LinkedHashMap<>();
  private final Map<String, String> references = new HashMap<>();
  private int nested;

  JsonSchemaGrammar(JsonNode whole) {
    this.whole = whole;
  }

  /// The grammar as GBNF.
  String text() {
    StringBuilder text = new StringBuilder("root ::= " + referenceTo("#") + "\n");
    rules.forEach((name, body) -> text.append(name).append(" ::= ").append(body).append('\n'));
    return text + JsonGrammars.VALUES;
  }

  // A rule of its own; names with a dash are not those of values.
  private String rule(String body) {
    if (rules.size() >= MOST_RULES) {
      throw new LengthwiseException("The JSON schema needs more than " + MOST_RULES + " rules");
    }
    String name = "s-" + rules.size();
    rules.put(name, body);
    return name;
  }

  private String referenceTo(String reference) {
    String known = references.get(reference);
    if (known != null) {
      return known;
    }
    JsonNode target = reference.equals("#") ? whole : target(reference);
    String name = rule("");
    references.put(reference, name); // before its body, which may refer to it
    rules.put(name, expression(target, reference));
    return name;
  }

  private JsonNode target(String reference) {
    JsonNode target =
        reference.matches("#/(\\$defs|definitions)/.+")
            ? whole.at(reference.substring(1))
            : whole.path("");
    if (target.isMissingNode()) {
      throw new LengthwiseException(
          "The JSON schema refers to '%s', which is not there; expected '#', or '#/$defs/NAME' that is defined"
              .formatted(reference));
    }
    return target;
  }

  // What a schema allows, as one item of a sequence.
  private String expression(JsonNode schema, String place) {
    if (schema.isBoolean() && schema.booleanValue()) {
      return "value";
    }
    if (!schema.isObject()) {
      throw new LengthwiseException(
          "The JSON schema at %s must be an object or true, found %s"
              .formatted(place, JsonObjects.kind(schema)));
    }
    nested++;
    if (nested > MOST_NESTED) {
      throw new LengthwiseException(
          "The JSON schema is nested deeper than %d at %s".formatted(MOST_NESTED, place));
    }
    requireKnown(schema, place);
    String expression = described(schema, place);
    nested--;
    return expression;
  }

  private static void requireKnown(JsonNode schema, String place) {
    for (Iterator<String> names = schema.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!KNOWN.contains(name) && !SAY_NOTHING.contains(name)) {
        throw new LengthwiseException(
            "The JSON schema has '%s' at %s, for which there is no grammar here; known are %s"
                .formatted(name, place, KNOWN.stream().sorted().toList()));
      }
    }
  }

  private String described(JsonNode schema, String place) {
    for (String alone : List.of("$ref", "anyOf")) {
      if (schema.has(alone)) {
        requireAlone(schema, alone, place);
      }
    }
    if (schema.has("$ref")) {
      return referenceTo(schema.get("$ref").asText());
    }
    if (schema.has("anyOf")) {
      return alternatives(schema.get("anyOf"), place + "/anyOf");
    }
    if (schema.has("const")) {
      return literal(schema.get("const"), schema, place);
    }
    if (schema.has("enum")) {
      StringJoiner values = new StringJoiner(" | ", "(", ")");
      schema.get("enum").forEach(value -> values.add(literal(value, schema, place)));
      return requireSome(schema.get("enum"), values.toString(), place + "/enum");
    }
    StringJoiner types = new StringJoiner(" | ", "(", ")");
    List<String> names = types(schema, place);
    names.forEach(type -> types.add(ofType(type, schema, place)));
    return names.isEmpty() ? "value" : types.toString();
  }

  private static void requireAlone(JsonNode schema, String keyword, String place) {
    for (Iterator<String> names = schema.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!name.equals(keyword) && !SAY_NOTHING.contains(name)) {
        throw new LengthwiseException(
            "The JSON schema has '%s' beside '%s' at %s; here it must stand alone"
                .formatted(name, keyword, place));
      }
    }
  }

  private String alternatives(JsonNode schemas, String place) {
    StringJoiner all = new StringJoiner(" | ", "(", ")");
    int index = 0;
    for (JsonNode schema : schemas) {
      all.add(expression(schema, place + "/" + index++));
    }
    return requireSome(schemas, all.toString(), place);
  }

  private static String requireSome(JsonNode list, String expression, String place) {
    if (!list.isArray() || list.isEmpty()) {
      throw new LengthwiseException(
          "The JSON schema must have a list of at least one entry at " + place);
    }
    return expression;
  }

  // The types that are asked for, or that keywords imply; empty for any value.
  private static List<String> types(JsonNode schema, String place) {
    JsonNode type = schema.path("type");
    Set<String> types = new LinkedHashSet<>();
    if (type.isArray()) {
      type.forEach(one -> types.add(one.asText()));
    } else if (!type.isMissingNode()) {
      types.add(type.asText());
    } else if (schema.has("properties")
        || schema.has("required")
        || schema.has("additionalProperties")) {
      types.add("object");
    } else if (schema.has("items") || schema.has("minItems") || schema.has("maxItems")) {
      types.add("array");
    } else if (schema.has("minLength") || schema.has("maxLength")) {
      types.add("string");
    }
    if (!TYPES.containsAll(types)) {
      throw new LengthwiseException(
          "The JSON schema has the type %s at %s; expected %s"
              .formatted(type, place, TYPES.stream().sorted().toList()));
    }
    return List.copyOf(types);
  }

  private String ofType(String type, JsonNode schema, String place) {
    return switch (type) {
      case "object" -> object(schema, place);
      case "array" -> array(schema, place);
      case "string" -> string(schema, place);
      default -> type;
    };
  }

  private static String literal(JsonNode value, JsonNode schema, String place) {
    List<String> types = types(schema, place);
    boolean fits =
        types.isEmpty()
            || types.stream()
                .anyMatch(
                    type ->
                        switch (type) {
                          case "object" -> value.isObject();
                          case "array" -> value.isArray();
                          case "string" -> value.isTextual();
                          case "number" -> value.isNumber();
                          case "integer" -> value.isIntegralNumber();
                          case "boolean" -> value.isBoolean();
                          default -> value.isNull();
                        });
    if (!fits
        || schema.has("minLength")
        || schema.has("maxLength")
        || schema.has("minItems")
        || schema.has("maxItems")
        || schema.has("properties")
        || schema.has("items")) {
      throw new LengthwiseException(
          "The JSON schema lists the value %s at %s beside other keywords; expected only its type"
              .formatted(value, place));
    }
    return quoted(value.toString());
  }

  // A literal of GBNF.
  private static String quoted(String text) {
    StringBuilder literal = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            character -> {
              if (character == '"' || character == '\\') {
                literal.append('\\');
              }
              literal.appendCodePoint(character);
            });
    return literal.append('"').toString();
  }

  private String string(JsonNode schema, String place) {
    return schema.has("minLength") || schema.has("maxLength")
        ? "\"\\\"\" character" + counts(schema, "minLength", "maxLength", place) + " \"\\\"\""
        : "string";
  }

  private static String counts(JsonNode schema, String least, String most, String place) {
    int from = count(schema, least, place).orElse(0);
    String until = count(schema, most, place).map(String::valueOf).orElse("");
    return "{" + from + "," + until + "}";
  }

  private static Optional<Integer> count(JsonNode schema, String name, String place) {
    JsonNode value = schema.path(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isIntegralNumber()
        || value.asLong() < 0
        || value.asLong() > GrammarRules.MOST_REPETITIONS) {
      throw new LengthwiseException(
          "The JSON schema has %s %s at %s; expected a whole number of at most %d"
              .formatted(name, value, place, GrammarRules.MOST_REPETITIONS));
    }
    return Optional.of(value.asInt());
  }

  private String array(JsonNode schema, String place) {
    String item = schema.has("items") ? expression(schema.get("items"), place + "/items") : "value";
    int least = count(schema, "minItems", place).orElse(0);
    int most = count(schema, "maxItems", place).orElse(-1);
    if (most == 0) {
      return "\"[\" space \"]\"";
    }
    String name = rule(item);
    String more =
        "(space \",\" space "
            + name
            + "){"
            + Math.max(0, least - 1)
            + ","
            + (most < 0 ? "" : most - 1)
            + "}";
    String items = name + " " + more;
    return "\"[\" space " + (least == 0 ? "(" + items + ")?" : items) + " space \"]\"";
  }

  private String object(JsonNode schema, String place) {
    JsonNode properties = schema.path("properties");
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(name -> required.add(name.asText()));
    Map<String, JsonNode> members = new LinkedHashMap<>();
    properties.fieldNames().forEachRemaining(name -> members.put(name, properties.get(name)));
    JsonNode others = schema.path("additionalProperties");
    for (String name : required) {
      members.computeIfAbsent(name, _ -> others.isObject() ? others : BooleanNode.TRUE);
    }
    if (members.isEmpty()) {
      return others.isObject()
          ? mapOf(expression(others, place + "/additionalProperties"))
          : others.isBoolean() && !others.booleanValue() ? "\"{\" space \"}\"" : "object";
    }
    return "\"{\" space " + members(members, required, place) + " space \"}\"";
  }

  private String mapOf(String value) {
    String member = rule("string space \":\" space " + value);
    return "\"{\" space (" + member + " (space \",\" space " + member + ")*)? space \"}\"";
  }

  // From the last member to the first: what may follow when something has been written, and when
  // nothing has.
  private String members(Map<String, JsonNode> members, List<String> required, String place) {
    String behindSome = "\"\"";
    String behindNone = "\"\"";
    for (Map.Entry<String, JsonNode> entry : List.copyOf(members.entrySet()).reversed()) {
      String name = entry.getKey();
      String member =
          rule(
              quoted(TextNode.valueOf(name).toString())
                  + " space \":\" space "
                  + expression(entry.getValue(), place + "/properties/" + name));
      boolean must = required.contains(name);
      String some = "space \",\" space " + member + " " + behindSome;
      String none = member + " " + behindSome;
      String nextNone = rule(must ? none : none + " | " + behindNone);
      behindSome = rule(must ? some : some + " | " + behindSome);
      behindNone = nextNone;
    }
    return behindNone;
  }
}
