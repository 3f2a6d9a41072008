package dev.lengthwise.tokenizer.gguf;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.lengthwise.tokenizer.sentencepiece.Pieces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// The vocabulary of a GGUF file as the files that model folders have: a SentencePiece model or a
/// `tokenizer.json`, and a `tokenizer_config.json` beside it.
public final class GgufFiles {

  // Fields of SentencePiece's protocol buffer (sentencepiece_model.proto).
  private static final int PIECE = 1;
  private static final int TRAINER = 2;
  private static final int NORMALIZER = 3;
  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  private final GgufVocabulary gguf;

  private GgufFiles(GgufVocabulary gguf) {
    this.gguf = gguf;
  }

  /// The content of every file, by name.
  ///
  /// @throws dev.lengthwise.LengthwiseException for a vocabulary that no such file holds
  public static Map<String, byte[]> of(GgufVocabulary gguf) {
    GgufFiles files = new GgufFiles(gguf);
    Map<String, byte[]> all = new LinkedHashMap<>();
    switch (gguf.model()) {
      case "llama" -> all.put("tokenizer.model", files.sentencePiece(BPE));
      case "t5" -> all.put("tokenizer.model", files.sentencePiece(UNIGRAM));
      default -> {
        String pre = gguf.model().equals("gemma4") ? gguf.model() : gguf.pre();
        all.put("tokenizer.json", text(new GgufBytePair(gguf, pre).json()));
      }
    }
    all.put("tokenizer_config.json", text(files.config()));
    return all;
  }

  private static byte[] text(ObjectNode json) {
    return (json.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private ObjectNode config() {
    ObjectNode config = new ObjectMapper().createObjectNode();
    GgufVocabulary.Marks marks = gguf.marks();
    putName(config, "bos_token", marks.begin());
    putName(config, "eos_token", marks.end());
    return config
        .put("add_bos_token", marks.addsBegin())
        .put("add_eos_token", marks.addsEnd())
        .put("clean_up_tokenization_spaces", false);
  }

  private void putName(ObjectNode config, String key, int id) {
    if (id >= 0) {
      config.put(key, gguf.tokens()[id]);
    }
  }

  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(content);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory has no errors
    }
    return content.toByteArray();
  }

  private byte[] sentencePiece(int type) {
    return message(
        out -> {
          for (int id = 0; id < gguf.tokens().length; id++) {
            out.writeByteArray(PIECE, piece(id));
          }
          out.writeByteArray(TRAINER, trainer(type));
          out.writeByteArray(NORMALIZER, normalizer());
        });
  }

  private byte[] piece(int id) {
    return message(
        out -> {
          out.writeString(1, gguf.tokens()[id]);
          out.writeFloat(2, gguf.scores()[id]);
          out.writeEnum(3, gguf.type(id));
        });
  }

  private byte[] trainer(int type) {
    return message(
        out -> {
          out.writeEnum(3, type);
          out.writeInt32(4, gguf.tokens().length);
          out.writeBool(35, first(Pieces.Kind.BYTE) >= 0);
          out.writeInt32(40, first(Pieces.Kind.UNKNOWN));
          out.writeInt32(41, gguf.marks().begin());
          out.writeInt32(42, gguf.marks().end());
        });
  }

  private int first(Pieces.Kind kind) {
    for (int id = 0; id < gguf.tokens().length; id++) {
      if (Pieces.Kind.of(gguf.type(id)) == kind) {
        return id;
      }
    }
    return -1;
  }

  private byte[] normalizer() {
    GgufVocabulary.Spaces spaces = gguf.spaces();
    return message(
        out -> {
          out.writeString(1, spaces.rules().length == 0 ? "identity" : "user_defined");
          out.writeBytes(2, ByteString.copyFrom(spaces.rules()));
          out.writeBool(3, spaces.prefix());
          out.writeBool(4, spaces.removeExtra());
          out.writeBool(5, true);
        });
  }
}
