package dev.lengthwise.hub;

import dev.lengthwise.LengthwiseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which GGUF file of a model is meant: files of one model differ in their quantisation, which
/// stands in their names.
///
/// As in llama.cpp's `-hf`, `Q4_K_M` is meant where nothing is said and there are several.
final class GgufChoice {

  private static final String USUAL = "Q4_K_M";
  private static final Pattern PART =
      Pattern.compile("(.*)-(\\d{5})-of-\\d{5}\\.gguf", Pattern.CASE_INSENSITIVE);

  private GgufChoice() {}

  /// The file, or the parts of the file in their order.
  ///
  /// @param id of the model, for messages
  /// @param paths of all its files
  /// @return empty where the model has no GGUF file and none is asked for
  /// @throws LengthwiseException when none has the quantisation, or which is meant stays open
  static List<String> of(String id, Optional<String> quantisation, List<String> paths) {
    List<String> files = paths.stream().filter(GgufChoice::isModel).sorted().toList();
    if (files.isEmpty() && quantisation.isEmpty()) {
      return List.of();
    }
    List<String> meant =
        quantisation.isPresent()
            ? files.stream().filter(named(quantisation.get())).toList()
            : usual(files);
    if (models(meant).size() != 1) {
      throw new LengthwiseException(
          "%s %s; say which, as in %s:%s"
              .formatted(
                  quantisation
                      .map(
                          name -> "%s has %s GGUF file named '%s'".formatted(id, some(meant), name))
                      .orElse(id + " has several GGUF files"),
                  files.isEmpty() ? "and no other" : "among " + models(files),
                  id,
                  USUAL));
    }
    return meant;
  }

  private static String some(List<String> meant) {
    return meant.isEmpty() ? "no" : "more than one";
  }

  private static List<String> usual(List<String> files) {
    return models(files).size() == 1 ? files : files.stream().filter(named(USUAL)).toList();
  }

  // The parts of a split file are one model.
  private static List<String> models(List<String> files) {
    return files.stream().map(GgufChoice::whole).distinct().toList();
  }

  private static String whole(String path) {
    Matcher part = PART.matcher(path);
    return part.matches() ? part.group(1) + ".gguf" : path;
  }

  // Projectors of images are no language models.
  private static boolean isModel(String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    return lower.endsWith(".gguf") && !lower.contains("mmproj");
  }

  // The name as a word of the path, in any case of letters: Q4_K is not Q4_K_M.
  private static Predicate<String> named(String quantisation) {
    Pattern word =
        Pattern.compile(
            "(?<![A-Za-z0-9_])" + Pattern.quote(quantisation) + "(?![A-Za-z0-9_])",
            Pattern.CASE_INSENSITIVE);
    return path -> word.matcher(path).find();
  }
}
