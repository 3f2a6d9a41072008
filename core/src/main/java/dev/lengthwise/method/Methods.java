package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.method.syntax.NearestName;
import java.util.List;
import java.util.stream.Stream;

/// Every position method that exists. A new method is one new file and one new line here.
public final class Methods {

  /// The catalogue, in the order in which it is shown.
  public static final List<MethodType> ALL =
      List.of(
          Rope.TYPE,
          LinearScaling.TYPE,
          Ntk.TYPE,
          NtkByParts.TYPE,
          NtkMixed.TYPE,
          DynamicNtk.TYPE,
          Yarn.TYPE,
          DynamicYarn.TYPE,
          LongRope.TYPE,
          Llama3.TYPE,
          LmInfinite.TYPE,
          StreamingLlm.TYPE,
          Window.TYPE,
          Rerope.TYPE,
          LeakyRerope.TYPE,
          SelfExtend.TYPE,
          DualChunk.TYPE,
          LogN.TYPE,
          AttentionScale.TYPE,
          Alibi.TYPE,
          Kerple.TYPE,
          Sandwich.TYPE,
          T5.TYPE,
          Fire.TYPE,
          Nope.TYPE,
          KeyNorm.TYPE,
          QueryNorm.TYPE,
          Cosine.TYPE,
          Coca.TYPE,
          Xpos.TYPE,
          InverseLeaky.TYPE,
          Hwfa.TYPE,
          Hwfa2.TYPE,
          RandomPositions.TYPE);

  private Methods() {}

  /// The names of all methods, in the order of [#ALL].
  public static List<String> names() {
    return ALL.stream().map(MethodType::name).toList();
  }

  /// The method called `name`.
  ///
  /// @throws LengthwiseException when there is none: the message names the nearest and all others
  public static MethodType byName(String name) {
    for (MethodType type : ALL) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    List<String> known = Stream.concat(Stream.of(MethodParser.DECLARED), names().stream()).toList();
    String near = NearestName.of(name, known).map(": did you mean %s?"::formatted).orElse(".");
    throw new LengthwiseException(
        "unknown method '%s'%s Known methods: %s".formatted(name, near, String.join(", ", known)));
  }
}
