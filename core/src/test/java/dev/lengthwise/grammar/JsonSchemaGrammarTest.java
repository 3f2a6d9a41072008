package dev.lengthwise.grammar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.grammar.Automaton.State;
import dev.lengthwise.io.JsonObjects;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Random texts of the grammars of schemas are valid under the schemas, in the judgement of another
/// library; and texts that are not are not read.
class JsonSchemaGrammarTest {

  private static final String PERSON =
      """
      {"type": "object",
       "properties": {
         "name": {"type": "string", "minLength": 1, "maxLength": 8},
         "age": {"type": "integer"},
         "mood": {"enum": ["good", "bad \\"quoted\\"", 3, null]},
         "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 3},
         "friend": {"$ref": "#/$defs/friend"}},
       "required": ["name", "tags"], "additionalProperties": false,
       "$defs": {"friend": {"anyOf": [
         {"type": "null"},
         {"type": "object", "properties": {"friend": {"$ref": "#/$defs/friend"}}}]}}}\
      """;

  private static Automaton automaton(String gbnf) {
    return new Automaton(Grammar.parse(gbnf));
  }

  private static boolean accepts(String gbnf, String text) {
    Automaton automaton = automaton(gbnf);
    State state = automaton.start();
    for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
      automaton.rest();
      state = automaton.next(state, one & 0xff);
    }
    return state.accepts();
  }

  // Bytes at random, those that close something four times as often; soon only those.
  private static String random(Automaton automaton, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    State state = automaton.start();
    List<Byte> bytes = new ArrayList<>();
    while (!state.isFinal()) {
      automaton.rest();
      List<Integer> choices = new ArrayList<>();
      List<Integer> closing = new ArrayList<>();
      for (int value = 0; value < 256; value++) {
        if (!automaton.next(state, value).isDead()) {
          choices.add(value);
          if ("\"]}:,".indexOf(value) >= 0) {
            closing.add(value);
          }
        }
      }
      boolean close = bytes.size() > 300 || random.nextInt(3) == 0;
      List<Integer> from = close && !closing.isEmpty() ? closing : choices;
      int ends = from.indexOf((int) '}') >= 0 ? '}' : from.indexOf((int) ']') >= 0 ? ']' : -1;
      int value = bytes.size() > 300 && ends >= 0 ? ends : from.get(random.nextInt(from.size()));
      bytes.add((byte) value);
      state = automaton.next(state, value);
      if (state.accepts() && bytes.size() > 300) {
        break;
      }
    }
    byte[] text = new byte[bytes.size()];
    for (int at = 0; at < text.length; at++) {
      text[at] = bytes.get(at);
    }
    return new String(text, StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        PERSON,
        "{\"type\": [\"string\", \"null\", \"integer\"], \"maxLength\": 3}",
        "{\"type\": \"array\", \"items\": {\"type\": \"number\"}, \"minItems\": 2}",
        "{\"type\": \"array\", \"maxItems\": 0}",
        "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"boolean\"}}",
        "{\"type\": \"object\", \"additionalProperties\": false}",
        "{\"properties\": {\"a\": {\"const\": {\"x\": [1, \"é\"]}}, \"b\": true},"
            + " \"required\": [\"c\", \"b\"]}",
        "{\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"object\", \"required\": [\"q\"]}]}",
      })
  void whatTheGrammarWritesIsValid(String schema) throws JsonProcessingException {
    JsonSchema judge =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema);
    Automaton automaton = automaton(JsonGrammars.schema(schema));
    for (long seed = 0; seed < 25; seed++) {
      String text = random(automaton, seed);
      JsonNode value = JsonObjects.STRICT.readTree(text);
      assertThat(judge.validate(value)).as(text).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"name\":\"Ada\",\"tags\":[\"x\"]}                                  | true",
        "{ \"name\": \"Ada\", \"age\": -3, \"tags\": [\"x\", \"y\"] }         | true",
        "{\"name\":\"Ada\",\"tags\":[\"x\"],\"friend\":{\"friend\":null}}     | true",
        "{\"name\":\"Ada\",\"mood\":\"bad \\\"quoted\\\"\",\"tags\":[\"x\"]}  | true",
        "{\"tags\":[\"x\"]}                                                   | false",
        "{\"name\":\"\",\"tags\":[\"x\"]}                                     | false",
        "{\"name\":\"Ada\",\"tags\":[]}                                       | false",
        "{\"name\":\"Ada\",\"tags\":[\"x\"],\"more\":1}                       | false",
        "{\"name\":\"Ada\",\"age\":1.5,\"tags\":[\"x\"]}                      | false",
        "{\"name\":\"Ada\",\"mood\":\"sad\",\"tags\":[\"x\"]}                 | false",
      })
  void validTextsAreReadAndOthersNot(String text, boolean valid) {
    assertThat(accepts(JsonGrammars.schema(PERSON), text)).isEqualTo(valid);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"type\":\"string\",\"pattern\":\"a\"}         | 'pattern' at #",
        "{\"properties\":{\"a\":{\"oneOf\":[]}}}         | 'oneOf' at #/properties/a",
        "{\"type\":\"integer\",\"minimum\":3}            | 'minimum' at #",
        "{\"$ref\":\"other.json\"}                       | refers to 'other.json'",
        "{\"$ref\":\"#\"}                                | left-recursive",
        "{\"anyOf\":[true],\"type\":\"string\"}          | 'type' beside 'anyOf'",
        "{\"type\":\"text\"}                             | the type \"text\"",
        "{\"type\":\"string\",\"enum\":[3]}              | lists the value 3",
        "{\"enum\":[]}                                   | at least one entry",
        "{\"minItems\":99999}                            | at most 2000",
        "false                                           | found false",
        "[1                                              | is no JSON",
      })
  void whatHasNoGrammarIsRefusedByName(String schema, String sentence) {
    assertThatThrownBy(() -> Grammar.parse(JsonGrammars.schema(schema)))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void anyObjectIsJson() throws JsonProcessingException {
    Automaton automaton = automaton(JsonGrammars.object());
    for (long seed = 0; seed < 25; seed++) {
      assertThat(JsonObjects.STRICT.readTree(random(automaton, seed)).isObject()).isTrue();
    }
    assertThat(accepts(JsonGrammars.object(), "{\"a\": [1, 2.5e-3, \"\\u00e9\\ud7ff\", null]}"))
        .isTrue();
    assertThat(accepts(JsonGrammars.object(), "[1]")).isFalse();
    assertThat(accepts(JsonGrammars.object(), "{\"a\": \"\\ud83d\"}")).isFalse();
    assertThat(accepts(JsonGrammars.object(), "{\"a\": 01}")).isFalse();
  }
}
