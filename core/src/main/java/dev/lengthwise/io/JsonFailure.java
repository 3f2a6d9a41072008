package dev.lengthwise.io;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.lengthwise.LengthwiseException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What is wrong in a JSON file, in words: Jackson's messages name Java types.
public final class JsonFailure {

  /// The list in Jackson's message about a name that it does not know.
  private static final Pattern KNOWN_NAMES = Pattern.compile("(?<=known type ids = )\\[[^]]*]");

  /// Jackson's message about a field that is missing or null.
  private static final Pattern ABSENT =
      Pattern.compile("(Missing|Null value for) creator property '([^']*)'.*");

  /// What Jackson says of its own classes and settings.
  private static final Pattern OWN =
      Pattern.compile("(?s)(: enable `| \\(start marker|[;\\n]).*|, from `[^`]*`");

  private JsonFailure() {}

  /// Why a text is not JSON, and where, as a clause.
  public static String reason(JsonProcessingException failure) {
    JsonLocation location = failure.getLocation();
    String place =
        location == null || location.getLineNr() < 1
            ? ""
            : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
    return firstPart(failure) + place;
  }

  /// The rest of a sentence that begins with the name of the file.
  static String sentence(JsonProcessingException failure, DeserializationConfig config) {
    if (failure.getCause() instanceof LengthwiseException known) {
      return ": " + known.getMessage();
    }
    // The text ends or breaks inside a value: Jackson then names the value, too.
    if (failure.getCause() instanceof JsonParseException broken) {
      return sentence(broken, config);
    }
    return switch (failure) {
      case InvalidTypeIdException e -> ": " + wrongName(e, config);
      case UnrecognizedPropertyException e ->
          ": %s is unknown; expected one of %s."
              .formatted(path(e, null), names(e.getKnownPropertyIds()));
      case InvalidFormatException e ->
          ": %s is \"%s\"; expected %s."
              .formatted(path(e, null), e.getValue(), expected(e.getTargetType(), config));
      case MismatchedInputException e -> ": " + mismatch(e, config);
      case JsonMappingException e -> ": " + path(e, null) + ": " + reason(e) + ".";
      default ->
          " is not JSON%s: %s; mend or recreate it."
              .formatted(place(failure.getLocation()), firstPart(failure));
    };
  }

  // A text that is nested too deep has no place.
  private static String place(@Nullable JsonLocation location) {
    return location == null
        ? ""
        : ", line %d column %d".formatted(location.getLineNr(), location.getColumnNr());
  }

  /// What is wrong with the `name` that decides the type of a setting.
  private static String wrongName(InvalidTypeIdException failure, DeserializationConfig config) {
    JsonTypeInfo info =
        config
            .introspectClassAnnotations(failure.getBaseType())
            .getClassAnnotations()
            .get(JsonTypeInfo.class);
    String place = path(failure, info == null ? "name" : info.property());
    if (failure.getTypeId() == null) {
      return place + " is missing; docs/training.md lists the names.";
    }
    Matcher known = KNOWN_NAMES.matcher(failure.getOriginalMessage());
    return "%s is \"%s\"; expected one of %s."
        .formatted(
            place,
            failure.getTypeId(),
            known.find() ? known.group() : "the names of docs/training.md");
  }

  private static String mismatch(MismatchedInputException failure, DeserializationConfig config) {
    Matcher absent = ABSENT.matcher(failure.getOriginalMessage());
    if (absent.lookingAt()) {
      List<String> fields = fields(failure);
      String field = absent.group(2);
      return "%s is %s; give it a value or recreate the file."
          .formatted(
              path(failure, !fields.isEmpty() && fields.getLast().equals(field) ? null : field),
              absent.group(1).equals("Missing") ? "missing" : "null");
    }
    return failure.getPath().isEmpty()
        ? "it must hold " + expected(failure.getTargetType(), config) + "; mend or recreate it."
        : path(failure, null)
            + " must be "
            + expected(failure.getTargetType(), config)
            + " and no other kind of value.";
  }

  /// What a setting of this type looks like.
  private static String expected(@Nullable Class<?> type, DeserializationConfig config) {
    if (type == null) {
      return "another kind of value";
    } else if (type.isEnum()) {
      String[] names =
          config
              .getAnnotationIntrospector()
              .findEnumValues(
                  config,
                  config.introspectClassAnnotations(type).getClassInfo(),
                  Arrays.stream(type.getEnumConstants())
                      .map(Enum.class::cast)
                      .toArray(Enum<?>[]::new),
                  Arrays.stream(type.getEnumConstants())
                      .map(Object::toString)
                      .toArray(String[]::new));
      return "one of " + Arrays.toString(names);
    } else if (type == int.class || type == long.class) {
      return "a whole number";
    } else if (type == double.class) {
      return "a number";
    } else if (type == boolean.class) {
      return "true or false";
    } else if (type == String.class || type == Path.class) {
      return "a text in quotes";
    } else {
      return Collection.class.isAssignableFrom(type) ? "a list in [ ]" : "an object in { }";
    }
  }

  private static String reason(JsonMappingException failure) {
    return failure.getCause() instanceof IllegalArgumentException wrong
        ? String.valueOf(wrong.getMessage())
        : failure.getCause() instanceof NullPointerException
            ? "there is a null where a value must be"
            : firstPart(failure);
  }

  private static String firstPart(JsonProcessingException failure) {
    String message = OWN.matcher(failure.getOriginalMessage()).replaceAll("");
    return message.startsWith("Trailing token") ? "there is more behind its end" : message;
  }

  private static List<String> names(Collection<Object> ids) {
    return ids.stream().map(String::valueOf).sorted().toList();
  }

  private static List<String> fields(JsonMappingException failure) {
    List<String> fields = new ArrayList<>();
    for (JsonMappingException.Reference place : failure.getPath()) {
      if (place.getFieldName() != null) {
        fields.add(place.getFieldName());
      } else if (!fields.isEmpty()) {
        fields.add(fields.removeLast() + "[" + place.getIndex() + "]");
      }
    }
    return fields;
  }

  /// The place of a failure, in quotes: `"data.training[0].weight"`.
  private static String path(JsonMappingException failure, @Nullable String last) {
    List<String> fields = fields(failure);
    if (last != null) {
      fields.add(last);
    }
    return fields.isEmpty() ? "its content" : '"' + String.join(".", fields) + '"';
  }
}
