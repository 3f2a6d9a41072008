package dev.lengthwise.chat.template;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The variables that a template is rendered with. Immutable.
///
/// Texts in JSON come from outside, except those words for roles that templates are made for
/// ([#ROLES]): templates build control tokens of them, as `<|user|>`.
public final class TemplateData {

  /// Roles whose names count as the template's own where they are the value of `role`.
  public static final Set<String> ROLES =
      Set.of(
          "system",
          "developer",
          "user",
          "assistant",
          "tool",
          "function",
          "ipython",
          "observation",
          "model",
          "chatbot",
          "context",
          "documents",
          "document",
          "critic",
          "environment");

  /// No variables.
  public static final TemplateData EMPTY = new TemplateData(Map.of(), 0);

  private static final int DEEPEST = 200;

  private final Map<String, Value> variables;
  private final long characters;

  private TemplateData(Map<String, Value> variables, long characters) {
    this.variables = variables;
    this.characters = characters;
  }

  /// These variables and a text of the tokenizer or the template, such as `bos_token`.
  public TemplateData withOwn(String name, String text) {
    return with(name, Text.own(text), text.length());
  }

  /// These variables and a list of texts of the tokenizer or the template.
  public TemplateData withOwn(String name, List<String> texts) {
    List<Value> values = texts.stream().map(text -> (Value) Text.own(text)).toList();
    return with(name, new Value.Listing(values), String.join(" ", texts).length());
  }

  /// These variables and a value from outside, such as the messages.
  ///
  /// @throws LengthwiseException when it is nested too deep
  public TemplateData with(String name, JsonNode value) {
    Reader reader = new Reader(name);
    Value read = reader.value(value, 0, false);
    return with(name, read, reader.characters);
  }

  private TemplateData with(String name, Value value, long size) {
    Map<String, Value> more = new LinkedHashMap<>(variables);
    more.put(name, value);
    return new TemplateData(more, characters + size);
  }

  Map<String, Value> variables() {
    return variables;
  }

  /// About how many characters all texts have, with one more for each value.
  long characters() {
    return characters;
  }

  /// Turns JSON into values and counts its size.
  private static final class Reader {

    private final String name;
    private long characters;

    Reader(String name) {
      this.name = name;
    }

    Value value(JsonNode node, int depth, boolean role) {
      if (depth > DEEPEST) {
        throw new LengthwiseException(
            "The variable '%s' is nested more than %d deep; flatten it.".formatted(name, DEEPEST));
      }
      characters++;
      if (node.isTextual()) {
        characters += node.textValue().length();
        return role && ROLES.contains(node.textValue())
            ? Text.own(node.textValue())
            : Text.outside(node.textValue());
      } else if (node.isBoolean()) {
        return Value.of(node.booleanValue());
      } else if (node.isIntegralNumber()) {
        return new Value.Int(node.bigIntegerValue());
      } else if (node.isNumber()) {
        return new Value.Real(node.doubleValue());
      } else if (node.isArray()) {
        List<Value> elements = new ArrayList<>(node.size());
        node.forEach(element -> elements.add(value(element, depth + 1, false)));
        return new Value.Listing(elements);
      } else if (node.isObject()) {
        return dict(node, depth);
      }
      return Value.None.NONE;
    }

    private Dict dict(JsonNode node, int depth) {
      List<Dict.Entry> entries = new ArrayList<>(node.size());
      node.properties()
          .forEach(
              entry -> {
                characters += entry.getKey().length();
                Value value = value(entry.getValue(), depth + 1, entry.getKey().equals("role"));
                entries.add(new Dict.Entry(Text.outside(entry.getKey()), value));
              });
      return Dict.of(entries);
    }
  }
}
