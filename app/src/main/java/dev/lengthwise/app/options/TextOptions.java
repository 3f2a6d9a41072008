package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.text.Document;
import dev.lengthwise.text.Documents;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The text of one run.
public final class TextOptions {

  @Option(
      names = {"-p", "--prompt"},
      paramLabel = "TEXT",
      description = "The text itself.")
  @Nullable String prompt;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description =
          "File of texts: .txt, .jsonl, .ndjson, .json[.gz|.zst]; - is standard input; may be given"
              + " several times.")
  List<Path> files = new ArrayList<>();

  @Option(
      names = "--field",
      paramLabel = "NAME",
      description = "Field of JSON lines that holds the text (default ${DEFAULT-VALUE}).")
  String field = "text";

  /// The file of token ids, where one was given.
  @Option(
      names = "--ids",
      paramLabel = "FILE",
      description = "Token ids, decimal, separated by white space; used exactly as given.")
  public @Nullable Path ids;

  /// What to do instead where a model has no tokenizer, for messages of commands with these
  /// options.
  public static final String INSTEAD = "give token ids with --ids in place of text";

  /// Texts, or ids, that were given, as tokens.
  ///
  /// @param name of the text
  /// @param sha256 of its bytes
  /// @param ids tokens
  public record TokenText(String name, String sha256, int[] ids) {}

  /// Whether any text was given.
  public boolean given() {
    return prompt != null || !files.isEmpty() || ids != null;
  }

  /// Short texts that were given: each line of `.txt` and of standard input is one, and each
  /// document of other files.
  public List<String> lines() {
    Usage.require(ids == null, "--ids are tokens of one text; give short texts with -f");
    List<String> all = new ArrayList<>();
    if (prompt != null) {
      all.add(prompt);
    }
    all.addAll(lines(files, field));
    return all;
  }

  /// Complains where a file of texts is the one to write; nothing is written where `output` is
  /// `null`.
  public void requireApart(@Nullable Path output) {
    if (output != null) {
      Usage.apart(output, ids == null ? files : List.of(ids));
    }
  }

  /// The short texts of files, as [#lines()].
  public static List<String> lines(List<Path> files, String field) {
    return files.stream().flatMap(file -> Documents.shortTexts(file, field).stream()).toList();
  }

  /// The documents that were given, without ids.
  public List<Document> documents() {
    List<Document> documents = new ArrayList<>();
    if (prompt != null) {
      documents.add(Documents.document("prompt", prompt));
    }
    Usage.require(
        files.stream().filter(Path.of("-")::equals).count() < 2,
        "-f - is given twice, and standard input can be read once");
    for (Path file : files) {
      documents.addAll(Documents.read(file, field));
    }
    return documents;
  }

  /// The tokens of all texts.
  ///
  /// @param open the model; its tokenizer is opened only when there is text
  /// @param encoding what is added to a text: nothing, or the marks that the model wants
  public List<TokenText> tokens(OpenModel open, BiFunction<Tokenizer, String, int[]> encoding) {
    return tokens(
        text -> encoding.apply(open.tokenizerElse(INSTEAD), text), open.spec().vocabularySize());
  }

  /// The tokens of all texts.
  ///
  /// @param encoding makes tokens of a text
  /// @param vocabulary tokens of the model, which given ids must be among
  public List<TokenText> tokens(Function<String, int[]> encoding, long vocabulary) {
    List<TokenText> texts = new ArrayList<>();
    for (Document document : documents()) {
      int[] tokens = encoding.apply(document.text());
      texts.add(new TokenText(document.name(), document.sha256(), tokens));
    }
    if (ids != null) {
      texts.add(readIds(ids, vocabulary));
    }
    return texts;
  }

  private static TokenText readIds(Path file, long vocabulary) {
    try {
      String text = Files.readString(file).replaceFirst("^\uFEFF", ""); // a byte order mark
      if (text.isBlank()) {
        throw new LengthwiseException("The file of token ids " + file + " is empty");
      }
      int[] ids =
          Arrays.stream(text.strip().split("\\s+"))
              .mapToInt(word -> id(word, file, vocabulary))
              .toArray();
      return new TokenText(
          file.getFileName().toString(), Documents.document("", text).sha256(), ids);
    } catch (IOException e) {
      throw new LengthwiseException(
          "Cannot read the file of token ids " + file + "; check that it exists and is text", e);
    }
  }

  private static int id(String word, Path file, long vocabulary) {
    try {
      int id = Integer.parseInt(word);
      if (id >= 0 && id < vocabulary) {
        return id;
      }
      throw new LengthwiseException(
          "Token id "
              + id
              + " in "
              + file
              + " is outside the vocabulary of the model (0 … "
              + (vocabulary - 1)
              + "); was the text tokenised for another model?");
    } catch (NumberFormatException e) {
      throw new LengthwiseException(
          "'"
              + (word.length() > 40 ? word.substring(0, 40) + "…" : word)
              + "' in "
              + file
              + " is not a token id; expected whole numbers separated by white space",
          e);
    }
  }
}
