package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.grammar.Grammar;
import dev.lengthwise.grammar.GrammarConstraint;
import dev.lengthwise.grammar.GrammarVocabulary;
import dev.lengthwise.grammar.JsonGrammars;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The forms that answers may be bound to: JSON, JSON of a schema, or a grammar in GBNF.
///
/// A form is prepared for the vocabulary on the thread of its request, since the thread that runs
/// all texts must not wait for that; the last ones are kept.
final class AnswerForms {

  private static final int KEPT = 16;
  private static final int LONGEST = 1 << 16;

  private final Generator generator;
  private final GrammarVocabulary vocabulary = new GrammarVocabulary();
  private final Map<String, GrammarConstraint> known = new LinkedHashMap<>(KEPT, 0.75f, true);

  AnswerForms(Generator generator) {
    this.generator = generator;
  }

  /// Number of tokens that answers are made of.
  int tokens() {
    return generator.tokenizer().vocabularySize();
  }

  /// The form that a request asks for.
  ///
  /// @throws ApiException when there is no such form, or its grammar is wrong
  Optional<TokenFilter.Maker> read(Fields fields) {
    Optional<String> grammar = fields.text("grammar");
    Optional<Fields> format = fields.object("response_format");
    if (grammar.isPresent() && format.isPresent()) {
      throw ApiException.invalid("grammar", "'grammar' and 'response_format' exclude each other");
    }
    return grammar
        .map(text -> prepared("grammar", () -> text))
        .or(() -> format.flatMap(this::format));
  }

  /// The form of a call of a tool.
  ///
  /// @param schema of the call
  /// @throws ApiException when the parameters of a tool have a part that cannot be bound
  TokenFilter.Maker ofCall(String schema) {
    return prepared("tool_choice", () -> JsonGrammars.schema(schema));
  }

  private Optional<TokenFilter.Maker> format(Fields format) {
    String name = "response_format";
    String type = format.text("type").orElse("");
    return switch (type) {
      case "text" -> Optional.empty();
      case "json_object" -> Optional.of(prepared(name, JsonGrammars::object));
      case "json_schema" -> {
        String schema =
            format
                .object("json_schema")
                .flatMap(node -> node.value("schema"))
                .orElseThrow(() -> ApiException.invalid(name, "'json_schema' has no 'schema'"))
                .toString();
        yield Optional.of(prepared(name, () -> JsonGrammars.schema(schema)));
      }
      default ->
          throw ApiException.invalid(
              name, "'response_format' must have the type text, json_object or json_schema");
    };
  }

  private TokenFilter.Maker prepared(String field, Supplier<String> text) {
    try {
      String grammar = text.get();
      if (grammar.length() > LONGEST) {
        throw ApiException.invalid(
            field, "The grammar has more than %d characters".formatted(LONGEST));
      }
      GrammarConstraint constraint = constraint(grammar);
      constraint.start(generator.tokenizer(), generator.ends());
      return constraint;
    } catch (LengthwiseException | IllegalArgumentException e) {
      throw ApiException.invalid(field, String.valueOf(e.getMessage()));
    }
  }

  private synchronized GrammarConstraint constraint(String grammar) {
    GrammarConstraint found =
        known.computeIfAbsent(
            grammar, text -> new GrammarConstraint(Grammar.parse(text), vocabulary));
    if (known.size() > KEPT) {
      known.remove(known.keySet().iterator().next()); // the one that was used longest ago
    }
    return found;
  }
}
