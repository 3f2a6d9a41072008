package dev.lengthwise.app.options;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.TokenFilter;
import dev.lengthwise.grammar.Grammar;
import dev.lengthwise.grammar.GrammarConstraint;
import dev.lengthwise.grammar.JsonGrammars;
import dev.lengthwise.io.FileReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What a generated text must be.
public final class GrammarOptions {

  @Option(
      names = {"--grammar", "--grammar-file"},
      paramLabel = "FILE",
      description = "The text is one of this grammar, in GBNF, the notation of llama.cpp.")
  @Nullable Path file;

  @Option(
      names = "--grammar-text",
      paramLabel = "GBNF",
      description = "The same with the grammar itself, such as 'root ::= \"yes\" | \"no\"'.")
  @Nullable String text;

  @Option(names = "--json", description = "The text is a JSON object.")
  boolean json;

  @Option(
      names = "--json-schema",
      paramLabel = "FILE",
      description = "The text is JSON that is valid under this schema.")
  @Nullable Path schema;

  /// The constraint that is asked for, if one is.
  ///
  /// @throws LengthwiseException when a file cannot be read, or holds no grammar or schema
  public Optional<TokenFilter.Maker> constraint() {
    long asked = Stream.of(file, text, schema).filter(option -> option != null).count();
    Usage.require(
        asked + (json ? 1 : 0) <= 1,
        "--grammar, --grammar-text, --json and --json-schema exclude each other");
    return gbnf().map(Grammar::parse).map(GrammarConstraint::new);
  }

  private Optional<String> gbnf() {
    if (file != null) {
      return Optional.of(read(file));
    }
    if (schema != null) {
      return Optional.of(JsonGrammars.schema(read(schema)));
    }
    return json ? Optional.of(JsonGrammars.object()) : Optional.ofNullable(text);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new LengthwiseException("File " + file + " cannot be read: " + FileReason.of(e), e);
    }
  }
}
