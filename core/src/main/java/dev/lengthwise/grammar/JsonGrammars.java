package dev.lengthwise.grammar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.JsonFailure;
import dev.lengthwise.io.JsonObjects;

/// Grammars of JSON, as GBNF.
public final class JsonGrammars {

  /// Rules that stand for any JSON value; numbers have at most 16 digits, so that every reader can
  /// hold them, and escapes no halves of a pair.
  static final String VALUES =
      """
      value ::= object | array | string | number | boolean | null
      object ::= "{" space (member (space "," space member)*)? space "}"
      member ::= string space ":" space value
      array ::= "[" space (value (space "," space value)*)? space "]"
      string ::= "\\"" character* "\\""
      character ::= [^"\\\\\\x00-\\x1F\\x7F] | "\\\\" escape
      escape ::= ["\\\\/bfnrt] | "u" ([0-9a-cA-CefEF] hex{3} | [dD] [0-7] hex{2})
      hex ::= [0-9a-fA-F]
      number ::= integer ("." [0-9]{1,16})? ([eE] [+-]? [0-9]{1,2})?
      integer ::= "-"? ("0" | [1-9] [0-9]{0,15})
      boolean ::= "true" | "false"
      null ::= "null"
      space ::= [ \\t\\n]{0,24}
      """;

  private JsonGrammars() {}

  /// Any JSON object, as the response format `json_object` has it.
  public static String object() {
    return "root ::= object\n" + VALUES;
  }

  /// The values of a JSON schema, see [JsonSchemaGrammar].
  ///
  /// @param schema its text
  /// @throws LengthwiseException when it is no JSON, or has a keyword that has no grammar here
  public static String schema(String schema) {
    try {
      JsonNode node = JsonObjects.STRICT.readTree(schema);
      return new JsonSchemaGrammar(node).text();
    } catch (JsonProcessingException e) {
      throw new LengthwiseException("The JSON schema is no JSON: " + JsonFailure.reason(e), e);
    }
  }
}
