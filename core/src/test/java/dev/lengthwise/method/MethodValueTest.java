package dev.lengthwise.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.position.MethodJson;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodText;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ParameterValue;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Values of methods, their text and their JSON.
class MethodValueTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Stream<MethodContractTest.Case> cases() {
    return MethodContractTest.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyMethodReadsBackFromItsTextAndItsJson(MethodContractTest.Case subject) {
    MethodValue value = subject.method().value();
    assertThat(MethodText.read(value.text())).isEqualTo(value);
    assertThat(throughJson(value)).isEqualTo(value);
    for (MethodValue read : List.of(MethodText.read(value.text()), throughJson(value))) {
      PositionMethod again = subject.parser().method(read);
      assertThat(again).isEqualTo(subject.method());
      for (int layer = 0; layer < subject.shape().layers(); layer++) {
        assertThat(again.parts(subject.shape(), layer, subject.longest()))
            .isEqualTo(subject.method().parts(subject.shape(), layer, subject.longest()));
      }
    }
  }

  @Test
  void numbersReadBackToTheLastBit() {
    SplittableRandom random = new SplittableRandom(5);
    for (int trial = 0; trial < 2000; trial++) {
      double any = Double.longBitsToDouble(random.nextLong());
      double number = Double.isFinite(any) ? any : trial;
      assertRoundTrip(new MethodTerm("m").with("k", number).with("l", List.of(number, 1.5)));
    }
    for (double odd : new double[] {0.0, -0.0, 1e15, 1e15 - 1, -1e22, 0x1p53, 1.0 / 3, 1e-320}) {
      assertRoundTrip(new MethodTerm("m").with("k", odd).with("l", List.of(odd)));
    }
  }

  private static void assertRoundTrip(MethodTerm term) {
    MethodValue value = MethodValue.of(term).over(MethodValue.of(term, term));
    assertThat(MethodText.read(value.text())).isEqualTo(value);
    assertThat(throughJson(value)).isEqualTo(value);
  }

  private static MethodValue throughJson(MethodValue value) {
    try {
      return MethodJson.read(MAPPER.readTree(MAPPER.writeValueAsString(MethodJson.write(value))));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  private static MethodValue json(String text) {
    try {
      return MethodJson.read(MAPPER.readTree(text.replace('\'', '"')));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "kerple:kind=log | {'method':'kerple','kind':'log'}",
        "lm-infinite:local=16,ceiling=none | {'method':'lm-infinite','local':16,'ceiling':'none'}",
        "rope+log-n:base=512,minimum=0.25 |"
            + " {'method':[{'method':'rope'},{'method':'log-n','base':512,'minimum':0.25}]}",
        "window:window=8 over rope | {'method':'window','window':8,'over':{'method':'rope'}}",
        "yarn:factor=4,truncate=false | {'method':'yarn','factor':4,'truncate':false}",
        "longrope:short=1;2.5 | {'method':'longrope','short':[1,2.5]}",
      })
  void jsonSaysWhatTheTextSays(String text, String json) {
    assertThat(MethodJson.write(MethodText.read(text)).toString())
        .isEqualTo(json.replace('\'', '"'));
    assertThat(json(json)).isEqualTo(MethodText.read(text));
  }

  /// What versions before this one wrote: joined methods as one text, flags and numbers as texts.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'method':'rope+log-n:base=512,minimum=0.444444'} | rope+log-n:base=512,minimum=0.444444",
        "{'method':'window','window':'8'} | window:window=8",
        "{'method':'cosine','n':512,'dynamic':'false'} | cosine:n=512,dynamic=false",
        "{'method':'xpos','gamma':0.4,'scale':512.0} | xpos:gamma=0.4,scale=512",
      })
  void blocksOfOlderVersionsAreRead(String json, String text) {
    assertThat(json(json)).isEqualTo(MethodText.read(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[] | must be an object",
        "{'local':4} | \"method\" must be the name of a method or a list of blocks, found nothing",
        "{'method':5} | \"method\" must be",
        "{'method':'window','window':{}} | \"window\" must be a number",
        "{'method':'window','window':null} | \"window\" must be a number",
        "{'method':'longrope','short':['a']} | \"short\" must be a list of numbers",
        "{'method':'longrope','short':[]} | \"short\" must be",
        "{'method':'rope+log-n','base':5} | no other key",
        "{'method':[{'method':'rope'}],'base':5} | no other key",
        "{'method':[{'method':'rope+log-n'}]} | one method each",
        "{'method':'kerple','kind':'a,b'} | 'a,b'",
        "{'method':'rope','over':3} | must be an object",
      })
  void oddBlocksAreRefused(String json, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> json(json))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a,b", "1", "true", "1;2", "x+y", " a"})
  void aWordIsNeitherAnotherKindOfValueNorSeveralParameters(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> new ParameterValue.Word(text));
  }

  @Test
  void aTermIsNotChangedByWhatIsAddedToIt() {
    MethodTerm bare = new MethodTerm("yarn");
    MethodTerm full = bare.with("factor", 8L).with("ramp", "turns").with("factor", 4.5);
    assertThat(bare.parameters()).isEmpty();
    assertThat(MethodValue.of(full).text()).isEqualTo("yarn:factor=4.5,ramp=turns");
    assertThatIllegalArgumentException().isThrownBy(() -> bare.with("over", 1L));
    assertThatIllegalArgumentException().isThrownBy(() -> bare.with("factor", Double.NaN));
  }

  @Test
  void aStackJoinsOnTop() {
    MethodValue stack = MethodText.read("window:window=8 over rope");
    assertThat(stack.joined(MethodText.read("log-n")).text())
        .isEqualTo("window:window=8+log-n over rope");
    assertThat(stack.over(MethodText.read("yarn:factor=2")).text())
        .isEqualTo("window:window=8 over rope over yarn:factor=2");
  }
}
