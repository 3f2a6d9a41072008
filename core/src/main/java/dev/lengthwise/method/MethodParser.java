package dev.lengthwise.method;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.method.syntax.MethodArguments;
import dev.lengthwise.method.syntax.MethodType;
import dev.lengthwise.position.MethodSyntaxException;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodText;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ModelShape;
import dev.lengthwise.position.OwnLayers;
import dev.lengthwise.position.ParameterValue;
import dev.lengthwise.position.PositionMethod;
import java.util.List;
import java.util.OptionalLong;

/// Makes methods for one model, of the text of `--method` or of a value.
///
/// Every method takes the key `layers=all` beside its own ([OnAllLayers]).
///
/// The name `declared` stands for the method of the checkpoint. What [PositionMethod#value]
/// gives is read back as an equal method.
///
/// @param shape the model, for defaults
/// @param declared the method of the checkpoint
/// @param targetLength tokens of the longest text to come, where that is known: from it follow the
///     factors that the text leaves out
public record MethodParser(ModelShape shape, PositionMethod declared, OptionalLong targetLength) {

  /// The name of the checkpoint's own method.
  public static final String DECLARED = "declared";

  // Far more than any method has: texts come from outside, and the nearest name takes time.
  private static final int LONGEST_TEXT = 10_000;

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

  /// The method that `text` names, as [MethodText] reads it.
  ///
  /// @throws LengthwiseException when a name, a key or a value is unknown or out of range, or when
  ///     two methods set the same part
  public PositionMethod parse(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new LengthwiseException(
          "a method has at most %d characters, found %d".formatted(LONGEST_TEXT, text.length()));
    }
    try {
      return method(MethodText.read(text));
    } catch (MethodSyntaxException e) {
      MethodType type = Methods.byName(e.method());
      throw new LengthwiseException(e.getMessage() + " (" + type.keyList() + ")", e);
    }
  }

  /// The method that `value` stands for.
  ///
  /// @throws LengthwiseException as [#parse] does
  public PositionMethod method(MethodValue value) {
    List<PositionMethod> methods = value.terms().stream().map(this::single).toList();
    PositionMethod top =
        methods.size() == 1 ? methods.getFirst() : CombinedMethod.of(shape, methods);
    return value.under().map(under -> StackedMethod.of(shape, top, method(under))).orElse(top);
  }

  private PositionMethod single(MethodTerm term) {
    if (term.name().equals(DECLARED)) {
      if (!term.parameters().isEmpty()) {
        throw new LengthwiseException(
            "'declared' takes no parameters: it is the checkpoint's own " + declared.name());
      }
      return declared;
    }
    MethodType type = Methods.byName(term.name());
    MethodArguments parameters =
        MethodArguments.of(type, term.without(OnAllLayers.KEY), targetLength);
    PositionMethod method = create(type, parameters);
    return onAllLayers(term) ? new OnAllLayers(method) : method;
  }

  private static boolean onAllLayers(MethodTerm term) {
    ParameterValue layers = term.parameters().get(OnAllLayers.KEY);
    if (layers != null && !layers.text().equals(OnAllLayers.ALL)) {
      throw new LengthwiseException(
          "%s: layers must be all, found '%s'; without the key the method changes the layers that see everything"
              .formatted(term.name(), layers.text()));
    }
    return layers != null;
  }

  private PositionMethod create(MethodType type, MethodArguments parameters) {
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
