package dev.lengthwise.langchain4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.ToolCallSchema;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.grammar.Grammar;
import dev.lengthwise.grammar.GrammarConstraint;
import dev.lengthwise.grammar.GrammarVocabulary;
import dev.lengthwise.grammar.JsonGrammars;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What answers of a model must be: JSON, or JSON of a schema.
final class AnswerForm {

  private final GrammarVocabulary vocabulary = new GrammarVocabulary();

  /// The form that a request asks for.
  ///
  /// @throws UnsupportedFeatureException of a schema with a part that is not supported
  Optional<TokenFilter.Maker> of(@Nullable ResponseFormat format) {
    if (format == null || format.type() == ResponseFormatType.TEXT) {
      return Optional.empty();
    }
    return Optional.of(constraint(grammar(format.jsonSchema())));
  }

  /// The form of a call of one of some tools.
  ///
  /// @throws UnsupportedFeatureException of parameters with a part that is not supported
  TokenFilter.Maker ofCall(List<ToolSpecification> tools) {
    try {
      String schema = ToolCallSchema.of(Messages.tools(tools), Optional.empty());
      return constraint(JsonGrammars.schema(schema));
    } catch (LengthwiseException | IllegalArgumentException e) {
      throw new UnsupportedFeatureException(String.valueOf(e.getMessage()));
    }
  }

  private GrammarConstraint constraint(String grammar) {
    return new GrammarConstraint(Grammar.parse(grammar), vocabulary);
  }

  private static String grammar(@Nullable JsonSchema schema) {
    try {
      return schema == null
          ? JsonGrammars.object()
          : JsonGrammars.schema(text(schema.rootElement()));
    } catch (LengthwiseException | IllegalArgumentException e) {
      throw new UnsupportedFeatureException(String.valueOf(e.getMessage()));
    }
  }

  private static String text(JsonSchemaElement schema) {
    if (schema instanceof JsonRawSchema raw) {
      return raw.schema();
    }
    try {
      // What LangChain4j's own integrations use; its schemas have no public way to their text.
      return new JsonMapper().writeValueAsString(JsonSchemaElementUtils.toMap(schema));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the schema cannot be written", e);
    }
  }
}
