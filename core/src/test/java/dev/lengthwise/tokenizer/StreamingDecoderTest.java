package dev.lengthwise.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class StreamingDecoderTest {

  /// One token for each of the 256 bytes.
  private static Tokenizer bytes(boolean addsLeadingSpace) {
    List<byte[]> bytes = new ArrayList<>();
    for (int value = 0; value < 256; value++) {
      bytes.add(new byte[] {(byte) value});
    }
    OptionalInt none = OptionalInt.empty();
    Vocabulary vocabulary =
        new Vocabulary(
            bytes,
            Map.of(),
            new Vocabulary.Marks(none, none, false, false),
            Vocabulary.Spaces.leading(addsLeadingSpace),
            "bytes",
            () -> "none");
    return new VocabularyTokenizer(vocabulary) {
      @Override
      public int[] encode(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[utf8.length];
        for (int i = 0; i < ids.length; i++) {
          ids[i] = utf8[i] & 0xFF;
        }
        return ids;
      }
    };
  }

  private static List<String> steps(StreamingDecoder decoder, int... ids) {
    List<String> steps = new ArrayList<>();
    for (int id : ids) {
      steps.add(decoder.next(id));
    }
    return steps;
  }

  @Test
  void characterAppearsWithItsLastByte() {
    StreamingDecoder decoder = new StreamingDecoder(bytes(false));
    assertThat(steps(decoder, 'a', 0xF0, 0x9F, 0xA6, 0x99, 'b'))
        .containsExactly("a", "", "", "", "🦙", "b");
    assertThat(decoder.flush()).isEmpty();
  }

  @Test
  void incompleteTailBecomesTheReplacementCharacter() {
    StreamingDecoder decoder = new StreamingDecoder(bytes(false));
    assertThat(steps(decoder, 'a', 0xF0, 0x9F)).containsExactly("a", "", "");
    assertThat(decoder.flush()).isEqualTo("\uFFFD");
    assertThat(decoder.flush()).isEmpty();
    assertThat(decoder.next('b')).isEqualTo("b");
  }

  @Test
  void invalidByteBecomesTheReplacementCharacterAtOnce() {
    StreamingDecoder decoder = new StreamingDecoder(bytes(false));
    assertThat(steps(decoder, 0xFF, 0xC3, 'x')).containsExactly("\uFFFD", "", "\uFFFDx");
  }

  @Test
  void onlyTheFirstSpaceOfATextIsDropped() {
    StreamingDecoder decoder = new StreamingDecoder(bytes(true));
    assertThat(steps(decoder, ' ', ' ', 'a', ' ')).containsExactly("", " ", "a", " ");
    assertThat(decoder.flush()).isEmpty();
    assertThat(decoder.next(' ')).isEmpty();
    assertThat(new StreamingDecoder(bytes(false)).next(' ')).isEqualTo(" ");
  }

  @Test
  void decodingAtOnceEqualsDecodingInSteps() {
    Tokenizer tokenizer = bytes(false);
    assertThat(tokenizer.decode(tokenizer.encode("Größe 林 🦙"))).isEqualTo("Größe 林 🦙");
  }
}
