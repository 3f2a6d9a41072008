package dev.lengthwise.train.data;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.Documents;
import dev.lengthwise.text.GeneratedTexts;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Where documents come from. In JSON, `kind` says which.
///
/// A path may be a folder: then all files in it with the endings of the kind are read, in the order
/// of their names. Documents are read one by one, so a corpus may be greater than memory.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = DataSource.Text.class, name = "text"),
  @JsonSubTypes.Type(value = DataSource.JsonLines.class, name = "jsonl"),
  @JsonSubTypes.Type(value = DataSource.Jar.class, name = "jar"),
  @JsonSubTypes.Type(value = DataSource.Generated.class, name = "generated")
})
public sealed interface DataSource {

  /// Text files, each one document.
  ///
  /// @param path a file, or a folder of `.txt`, `.txt.gz` and `.txt.zst`
  record Text(Path path) implements DataSource {}

  /// Files with one JSON object a line, each line one document.
  ///
  /// @param path a file, or a folder, of `.jsonl`, `.jsonl.gz` and `.jsonl.zst`
  /// @param field what holds the text
  record JsonLines(Path path, String field) implements DataSource {}

  /// Java sources, each file one document.
  ///
  /// @param path a jar, or a folder of `-sources.jar`
  record Jar(Path path) implements DataSource {}

  /// Generated questions with their answers.
  ///
  /// @param texts which
  /// @param count how many, from number 0 on
  record Generated(GeneratedTexts texts, int count) implements DataSource {

    /// Checks the number.
    public Generated {
      if (count < 1) {
        throw new LengthwiseException(
            "Generated texts '%s': expected at least 1 document, found %d."
                .formatted(texts.generator(), count));
      }
    }
  }

  /// What to call it in a manifest.
  default String description() {
    return switch (this) {
      case Text(Path path) -> "text " + path.getFileName();
      case JsonLines(Path path, String field) -> "jsonl " + path.getFileName() + " field " + field;
      case Jar(Path path) -> "jar " + path.getFileName();
      case Generated(GeneratedTexts texts, int count) ->
          "generated %s seed %d: %d".formatted(texts.label(), texts.seed(), count);
    };
  }

  /// The documents, one by one; the caller closes the stream.
  ///
  /// @param notices gets a sentence for whatever is left out
  default Stream<TrainingText> documents(Consumer<String> notices) {
    return switch (this) {
      case Text(Path path) ->
          SourceFolder.files(path, ".txt", ".txt.gz", ".txt.zst").stream()
              .map(file -> TrainingText.whole(Documents.whole(file).text()));
      case JsonLines(Path path, String field) ->
          SourceFolder.files(path, ".jsonl", ".jsonl.gz", ".jsonl.zst").stream()
              .flatMap(file -> Documents.lines(file, field))
              .map(document -> TrainingText.whole(document.text()));
      case Jar(Path path) ->
          SourceFolder.files(path, "-sources.jar").stream()
              .flatMap(jar -> SourceJars.stream(jar, notices))
              .map(file -> TrainingText.whole(file.text()));
      case Generated(GeneratedTexts texts, int count) ->
          LongStream.range(0, count)
              .mapToObj(texts::question)
              .map(question -> TrainingText.of(question, texts.answersOnly()));
    };
  }
}
