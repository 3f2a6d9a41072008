package dev.lengthwise.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.MappedFiles;
import dev.lengthwise.checkpoint.TensorEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// A model in several GGUF files, as llama.cpp's `llama-gguf-split` writes them:
/// `name-00001-of-00003.gguf` has the header, and each file has some of the tensors.
///
/// @param name the files' names up to the number
/// @param count number of files
record GgufSplit(Path name, int count) {

  /// Keys that say which part a file is; a whole model has none of them.
  static final String KEYS = "split.";

  private static final Pattern FILE =
      Pattern.compile("(.+)-(\\d{5})-of-(\\d{5})\\.gguf", Pattern.CASE_INSENSITIVE);

  /// The parts of which `file` is one by its name.
  static Optional<GgufSplit> of(Path file) {
    Matcher matcher = FILE.matcher(String.valueOf(file.getFileName()));
    return matcher.matches()
        ? Optional.of(
            new GgufSplit(
                file.resolveSibling(matcher.group(1)), Integer.parseInt(matcher.group(3))))
        : Optional.empty();
  }

  /// The files in their order; the first has the header.
  List<Path> files() {
    return IntStream.rangeClosed(1, count).mapToObj(this::file).toList();
  }

  private Path file(int number) {
    return name.resolveSibling("%s-%05d-of-%05d.gguf".formatted(name.getFileName(), number, count));
  }

  /// The content of all files: the header of the first, and the tensors of each.
  ///
  /// @throws LengthwiseException when a file is missing, or not the part that its name says
  GgufLayout parse(MappedFiles mappings) {
    Map<String, TensorEntry> tensors = new LinkedHashMap<>();
    GgufLayout first = null;
    for (Path file : files()) {
      if (!Files.isRegularFile(file)) {
        throw new LengthwiseException(
            "Part %s of a model in %d files does not exist; fetch it.".formatted(file, count));
      }
      GgufLayout part = GgufLayout.parse(file, mappings.map(file));
      requirePart(file, part, first == null);
      part.tensors()
          .forEach(
              (tensor, entry) -> {
                if (tensors.put(tensor, entry) != null) {
                  throw new LengthwiseException(
                      "Tensor \"%s\" of %s is in an earlier part, too; the parts are from different models."
                          .formatted(tensor, file));
                }
              });
      first = first == null ? part : first;
    }
    if (first == null) {
      throw new LengthwiseException("A model in 0 files, " + name + ", is none.");
    }
    requireAll(first, tensors.size());
    return new GgufLayout(first.header(), first.arrays(), first.pairs(), tensors);
  }

  private void requirePart(Path file, GgufLayout part, boolean isFirst) {
    JsonNode number = part.header().path("split.no");
    JsonNode parts = part.header().path("split.count");
    boolean fits = parts.asInt(-1) == count && isFirst == (number.asInt(-1) == 0);
    if (!fits) {
      throw new LengthwiseException(
          "File %s says that it is part %s of %s (from 0 on), which its name does not; fetch the parts again."
              .formatted(file, number, parts));
    }
  }

  private void requireAll(GgufLayout first, int found) {
    int expected = first.header().path("split.tensors.count").asInt(found);
    if (expected != found) {
      throw new LengthwiseException(
          "The %d files of %s hold %d tensors, and the first says %d; fetch them again."
              .formatted(count, name, found, expected));
    }
  }

  /// Whether a file is a part that does not stand for its model.
  static boolean isLaterPart(Path file) {
    Matcher matcher = FILE.matcher(String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT));
    return matcher.matches() && Integer.parseInt(matcher.group(2)) > 1;
  }
}
