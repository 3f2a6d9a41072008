package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.PositionMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Turns the text of `--method` into a method for one model: `NAME[:key=value,…][+NAME…]`.
///
/// Every method takes the key `layers=all` beside its own ([OnAllLayers]).
///
/// The name `declared` stands for the method of the checkpoint. What [PositionMethod#name] writes
/// reads back as an equal method.
///
/// @param shape the model, for defaults
/// @param declared the method of the checkpoint
/// @param targetLength tokens of the longest text to come, where that is known: from it follow the
///     factors that the text leaves out
public record MethodParser(ModelShape shape, PositionMethod declared, OptionalLong targetLength) {

  /// The name of the checkpoint's own method.
  public static final String DECLARED = "declared";

  /// A plus before a letter: that of an exponent, `1e+6`, stays.
  private static final Pattern PLUS = Pattern.compile("\\+(?=\\s*[A-Za-z])");

  /// A parser for a model whose longest text is not known beforehand.
  public MethodParser(ModelShape shape, PositionMethod declared) {
    this(shape, declared, OptionalLong.empty());
  }

  /// Checks the target length.
  public MethodParser {
    if (targetLength.isPresent() && targetLength.getAsLong() <= 0) {
      throw new LengthwiseException(
          "the target length must be positive, found " + targetLength.getAsLong());
    }
  }

  /// The method that `text` names.
  ///
  /// @throws LengthwiseException when a name, a key or a value is unknown or out of range, or when
  ///     two methods set the same part
  public PositionMethod parse(String text) {
    List<PositionMethod> methods = new ArrayList<>();
    for (String term : PLUS.split(text, -1)) {
      methods.add(single(term.strip()));
    }
    return methods.size() == 1 ? methods.getFirst() : CombinedMethod.of(shape, methods);
  }

  private PositionMethod single(String term) {
    int colon = term.indexOf(':');
    String name = colon < 0 ? term : term.substring(0, colon).strip();
    if (name.equals(DECLARED)) {
      if (colon >= 0) {
        throw new LengthwiseException(
            "'declared' takes no parameters: it is the checkpoint's own " + declared.name());
      }
      return declared;
    }
    MethodType type = Methods.byName(name);
    List<String> pairs = colon < 0 ? List.of() : List.of(term.substring(colon + 1).split(",", -1));
    List<String> own = pairs.stream().filter(pair -> !isLayers(pair)).toList();
    Parameters parameters =
        own.isEmpty()
            ? Parameters.none(type, targetLength)
            : Parameters.parse(type, String.join(",", own), targetLength);
    PositionMethod method = create(type, parameters);
    return onAllLayers(type, pairs.stream().filter(MethodParser::isLayers).toList())
        ? new OnAllLayers(method)
        : method;
  }

  private static boolean isLayers(String pair) {
    int equals = pair.indexOf('=');
    return equals >= 0 && pair.substring(0, equals).strip().equals(OnAllLayers.KEY);
  }

  private static boolean onAllLayers(MethodType type, List<String> pairs) {
    for (String pair : pairs) {
      String value = pair.substring(pair.indexOf('=') + 1).strip();
      if (!value.equals(OnAllLayers.ALL)) {
        throw new LengthwiseException(
            "%s: layers must be all, found '%s'; without the key the method changes the layers that see everything"
                .formatted(type.name(), value));
      }
    }
    if (pairs.size() > 1) {
      throw new LengthwiseException(type.name() + " has the key 'layers' twice; give it once");
    }
    return !pairs.isEmpty();
  }

  private PositionMethod create(MethodType type, Parameters parameters) {
    try {
      PositionMethod trained = declared instanceof OwnLayers own ? own.base() : declared;
      return type.factory().create(parameters, shape, trained);
    } catch (LengthwiseException failure) {
      String message = String.valueOf(failure.getMessage());
      throw message.contains(type.keyList())
          ? failure
          : new LengthwiseException(message + " (" + type.keyList() + ")", failure);
    }
  }
}
