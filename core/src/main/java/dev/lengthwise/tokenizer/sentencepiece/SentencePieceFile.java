package dev.lengthwise.tokenizer.sentencepiece;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.Sha256;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.tokenizer.Vocabulary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Reads a SentencePiece model file (`tokenizer.model`), a protocol buffer of pieces, trainer and
/// normalizer settings. Models of the types unigram, BPE and character are understood.
///
/// Whether prompts start with the begin of text is not in the file.
public final class SentencePieceFile {

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;
  private static final int CHARACTER = 4;

  /// How an unknown token looks in decoded text, which is SentencePiece's usual sign. The sign that
  /// a file names is not used: a widespread training script writes it there as a backslash
  /// sequence.
  private static final String UNKNOWN_TEXT = " \u2047 ";

  private final String origin;
  private final Adds adds;
  private final List<Pieces.Piece> pieces = new ArrayList<>();
  private boolean hasTrainer;
  private int modelType = UNIGRAM;
  private int unknownId;
  private int beginId = 1;
  private int endId = 2;
  private boolean spaceAsSuffix;
  private boolean dummyPrefix = true;
  private boolean removeExtraSpaces = true;
  private boolean escapeSpaces = true;
  private byte[] characterMap = new byte[0];

  private SentencePieceFile(String origin, Adds adds) {
    this.origin = origin;
    this.adds = adds;
  }

  /// What a model file does not say of the marks of a text.
  ///
  /// @param addsBegin whether prompts start with the begin of text, where the model has one
  /// @param addsEnd whether whole texts end with the end of text, where the model has one
  public record Adds(boolean addsBegin, boolean addsEnd) {}

  /// The tokenizer that `content` describes.
  ///
  /// @param origin the file, for errors
  /// @param name for reports
  public static Tokenizer open(byte[] content, String origin, String name, Adds adds) {
    SentencePieceFile file = new SentencePieceFile(origin, adds);
    try {
      file.readModel(CodedInputStream.newInstance(content));
    } catch (InvalidProtocolBufferException e) {
      throw new LengthwiseException(
          origin
              + " is not a complete SentencePiece model: "
              + e.getMessage()
              + " Fetch the file again.",
          e);
    } catch (IOException e) {
      throw new LengthwiseException("cannot read " + origin + ": " + e.getMessage(), e);
    }
    return file.tokenizer(name, Sha256.of(content));
  }

  private Tokenizer tokenizer(String name, String sha256) {
    if (pieces.isEmpty() || !hasTrainer) {
      throw new LengthwiseException(
          origin
              + " is not a complete SentencePiece model: expected pieces and then the settings of"
              + " the trainer, found "
              + pieces.size()
              + " pieces and "
              + (hasTrainer ? "" : "no ")
              + "settings; fetch the file again");
    }
    if (modelType != UNIGRAM && modelType != BPE && modelType != CHARACTER) {
      throw unsupported("the model type " + modelType, "1 (unigram), 2 (BPE) or 4 (character)");
    }
    if (spaceAsSuffix || !escapeSpaces) {
      throw unsupported("white space as a suffix or unescaped", "the usual ▁ before a word");
    }
    boolean unknown = unknownId >= 0 && unknownId < pieces.size();
    Pieces table = new Pieces(pieces, unknown ? unknownId : -1);
    OptionalInt begin = control(beginId);
    OptionalInt end = control(endId);
    Vocabulary vocabulary =
        new Vocabulary(
            table.bytes(UNKNOWN_TEXT),
            table.controls(),
            new Vocabulary.Marks(
                begin, end, adds.addsBegin && begin.isPresent(), adds.addsEnd && end.isPresent()),
            Vocabulary.Spaces.leading(dummyPrefix),
            name,
            () -> sha256);
    return new SentencePieceTokenizer(
        vocabulary,
        table,
        SentencePieceNormalizer.of(characterMap, origin, dummyPrefix, removeExtraSpaces),
        switch (modelType) {
          case UNIGRAM -> new UnigramSegmenter(table);
          case BPE -> MergeSegmenter.byScore(table);
          default -> MergeSegmenter.characters(table);
        });
  }

  private LengthwiseException unsupported(String found, String expected) {
    return new LengthwiseException(
        origin + " uses " + found + ", which Lengthwise does not read: expected " + expected);
  }

  private OptionalInt control(int id) {
    boolean valid = id >= 0 && id < pieces.size() && pieces.get(id).kind() == Pieces.Kind.CONTROL;
    return valid ? OptionalInt.of(id) : OptionalInt.empty();
  }

  private void readModel(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> readPiece(in.readBytes().newCodedInput());
        case 2 -> readTrainer(in.readBytes().newCodedInput());
        case 3 -> readNormalizer(in.readBytes().newCodedInput());
        default -> in.skipField(tag);
      }
    }
  }

  private void readPiece(CodedInputStream in) throws IOException {
    String text = "";
    float score = 0;
    int kind = 1;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> text = in.readString();
        case 2 -> score = in.readFloat();
        case 3 -> kind = in.readEnum();
        default -> in.skipField(tag);
      }
    }
    pieces.add(new Pieces.Piece(text, score, Pieces.Kind.of(kind)));
  }

  private void readTrainer(CodedInputStream in) throws IOException {
    hasTrainer = true;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 -> modelType = in.readEnum();
        case 24 -> spaceAsSuffix = in.readBool();
        case 40 -> unknownId = in.readInt32();
        case 41 -> beginId = in.readInt32();
        case 42 -> endId = in.readInt32();
        default -> in.skipField(tag);
      }
    }
  }

  private void readNormalizer(CodedInputStream in) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 2 -> characterMap = in.readByteArray();
        case 3 -> dummyPrefix = in.readBool();
        case 4 -> removeExtraSpaces = in.readBool();
        case 5 -> escapeSpaces = in.readBool();
        default -> in.skipField(tag);
      }
    }
  }
}
