package dev.lengthwise.app.command;

import dev.lengthwise.app.options.TextOptions;
import dev.lengthwise.text.Document;
import dev.lengthwise.text.Documents;
import dev.lengthwise.tokenizer.Tokenizer;
import dev.lengthwise.train.data.SourceFile;
import dev.lengthwise.train.data.SourceJars;
import java.nio.file.Path;

/// The longest source file of a library that no bundled model was trained on.
///
/// @param document its text
public record HeldOutDocument(Document document) {

  /// Finds it in a jar of sources; licence headers are left out, as in training.
  public static HeldOutDocument read(Path jar) {
    SourceFile longest = SourceJars.longest(jar);
    String name = longest.name();
    return new HeldOutDocument(
        Documents.document(name.substring(name.lastIndexOf('/') + 1), longest.text()));
  }

  /// The document, in the tokens of a model.
  public TextOptions.TokenText tokens(Tokenizer tokenizer) {
    return new TextOptions.TokenText(
        document.name(), document.sha256(), tokenizer.encode(document.text()));
  }
}
