package dev.lengthwise.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigInteger;

/// The types of GGUF metadata values, in the order of their numbers.
enum GgufType {
  U8(1),
  I8(1),
  U16(2),
  I16(2),
  U32(4),
  I32(4),
  F32(4),
  BOOL(1),
  STRING(8),
  ARRAY(12),
  U64(8),
  I64(8),
  F64(8);

  private static final int LONGEST_TEXT = 1 << 26;
  private static final int DEEPEST = 8;

  private final int smallest;

  GgufType(int smallest) {
    this.smallest = smallest;
  }

  /// Bytes of the shortest value: of a text its length, of an array its type and count.
  int smallest() {
    return smallest;
  }

  /// How files write the type. The numbers count from 0 in the order of the format, which is the
  /// order here.
  @SuppressWarnings("EnumOrdinal")
  int number() {
    return ordinal();
  }

  /// Reads a type number.
  static GgufType read(GgufReader reader) {
    int number = reader.i32();
    if (number < 0 || number >= values().length) {
      throw reader.bad("it has a value of unknown type " + Integer.toUnsignedString(number));
    }
    return values()[number];
  }

  /// Moves over one value and returns how many values it holds, nested ones and itself included.
  long skip(GgufReader reader) {
    return skip(reader, 0);
  }

  private long skip(GgufReader reader, int depth) {
    return switch (this) {
      case STRING -> {
        reader.skipString();
        yield 1;
      }
      case ARRAY -> skipArray(reader, depth + 1);
      case U8, I8, U16, I16, U32, I32, F32, BOOL, U64, I64, F64 -> {
        reader.advance(smallest);
        yield 1;
      }
    };
  }

  private static long skipArray(GgufReader reader, int depth) {
    if (depth > DEEPEST) {
      throw reader.bad("it nests arrays deeper than " + DEEPEST);
    }
    GgufType type = read(reader);
    long count = reader.count("array elements", type.smallest);
    if (type != STRING && type != ARRAY) {
      reader.advance(count * type.smallest);
      return count + 1;
    }
    long values = 1;
    for (long i = 0; i < count; i++) {
      values += type.skip(reader, depth);
    }
    return values;
  }

  /// Reads one value; the caller bounds its size with [#skip].
  JsonNode json(GgufReader reader) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    return switch (this) {
      case U8 -> nodes.numberNode(reader.i8() & 0xff);
      case I8 -> nodes.numberNode((int) reader.i8());
      case U16 -> nodes.numberNode(reader.i16() & 0xffff);
      case I16 -> nodes.numberNode((int) reader.i16());
      case U32 -> nodes.numberNode(reader.i32() & 0xffff_ffffL);
      case I32 -> nodes.numberNode(reader.i32());
      case F32 -> nodes.numberNode(reader.f32());
      case BOOL -> nodes.booleanNode(bool(reader));
      case STRING -> nodes.textNode(reader.string(LONGEST_TEXT));
      case ARRAY -> {
        GgufType type = read(reader);
        long count = reader.count("array elements", type.smallest);
        ArrayNode array = nodes.arrayNode();
        for (long i = 0; i < count; i++) {
          array.add(type.json(reader));
        }
        yield array;
      }
      case U64 -> nodes.numberNode(new BigInteger(Long.toUnsignedString(reader.i64())));
      case I64 -> nodes.numberNode(reader.i64());
      case F64 -> nodes.numberNode(reader.f64());
    };
  }

  private static boolean bool(GgufReader reader) {
    byte value = reader.i8();
    if (value != 0 && value != 1) {
      throw reader.bad("it has the truth value " + value + ", expected 0 or 1");
    }
    return value == 1;
  }
}
