package dev.lengthwise.tokenizer.sentencepiece;

import com.google.protobuf.CodedOutputStream;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.open.Tokenizers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes small SentencePiece models for the tests.
final class SentencePieceModels {

  /// Writes the fields of one message.
  interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  SentencePieceModels piece(String text, double score, Pieces.Kind kind) {
    return message(
        1,
        out -> {
          out.writeString(1, text);
          out.writeFloat(2, (float) score);
          out.writeEnum(3, kind.number());
        });
  }

  SentencePieceModels trainer(Fields fields) {
    return message(2, fields);
  }

  SentencePieceModels normalizer(Fields fields) {
    return message(3, fields);
  }

  Tokenizer open(Path folder) {
    try {
      return Tokenizers.open(Files.write(folder.resolve("test.model"), bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SentencePieceModels message(int field, Fields fields) {
    try {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      CodedOutputStream inner = CodedOutputStream.newInstance(body);
      fields.write(inner);
      inner.flush();
      CodedOutputStream outer = CodedOutputStream.newInstance(bytes);
      outer.writeByteArray(field, body.toByteArray());
      outer.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
