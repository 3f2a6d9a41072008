package dev.lengthwise.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// Decodes ids one by one. A character whose bytes are spread over several tokens is held back
/// until its last byte has come; invalid bytes become U+FFFD. Where the tokenizer cleans spaces, a
/// few characters are held back that a later one may change.
///
/// One decoder serves one text, from one thread. At the start of the text it drops the one space
/// that a tokenizer with [Tokenizer#addsLeadingSpace()] puts there.
public final class StreamingDecoder {

  private final Tokenizer tokenizer;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPLACE)
          .onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final SpaceCleaner cleaner = new SpaceCleaner();
  private byte[] pending = new byte[0];
  private boolean atStart;

  /// A decoder at the start of a text.
  public StreamingDecoder(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
    this.atStart = tokenizer.addsLeadingSpace();
  }

  /// The text that is complete now that `id` follows: often a word, sometimes empty.
  public String next(int id) {
    return cleaned(decoded(id));
  }

  /// Hears of a token before the text: its characters are not part of it, but for the one that it
  /// may begin.
  public void skip(int id) {
    decoded(id);
  }

  private String decoded(int id) {
    byte[] bytes = tokenizer.bytes(id);
    if (bytes.length == 0) {
      return "";
    }
    int from = atStart && bytes[0] == ' ' ? 1 : 0;
    atStart = false;
    ByteBuffer input = ByteBuffer.allocate(pending.length + bytes.length - from);
    input.put(pending).put(bytes, from, bytes.length - from).flip();
    return decode(input, false);
  }

  private String cleaned(String text) {
    return tokenizer.cleansSpaces() ? cleaner.next(text) : text;
  }

  /// The text held back so far, an incomplete character as U+FFFD; afterwards the decoder stands at
  /// the start of a new text.
  public String flush() {
    String tail = cleaned(decode(ByteBuffer.wrap(pending), true)) + cleaner.flush();
    utf8.reset();
    atStart = tokenizer.addsLeadingSpace();
    return tail;
  }

  private String decode(ByteBuffer input, boolean last) {
    CharBuffer text = CharBuffer.allocate(input.remaining() + 1);
    utf8.reset();
    utf8.decode(input, text, last);
    if (last) {
      utf8.flush(text);
    }
    pending = new byte[input.remaining()];
    input.get(pending);
    return text.flip().toString();
  }
}
