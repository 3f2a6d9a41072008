package dev.lengthwise.app;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.text.Document;
import dev.lengthwise.text.Documents;
import dev.lengthwise.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The longest source file of a library that no bundled model was trained on.
///
/// @param document its text
record HeldOutDocument(Document document) {

  /// Finds it in a jar of sources.
  static HeldOutDocument read(Path jar) {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      ZipEntry longest =
          zip.stream()
              .filter(entry -> entry.getName().endsWith(".java"))
              .max(Comparator.comparingLong(ZipEntry::getSize).thenComparing(ZipEntry::getName))
              .orElseThrow(
                  () -> new LengthwiseException("The jar " + jar + " holds no Java sources"));
      byte[] bytes = zip.getInputStream(longest).readAllBytes();
      String name = longest.getName();
      return new HeldOutDocument(
          Documents.document(
              name.substring(name.lastIndexOf('/') + 1),
              new String(bytes, StandardCharsets.UTF_8)));
    } catch (IOException e) {
      throw new LengthwiseException("Cannot read the sources " + jar + ": " + e.getMessage(), e);
    }
  }

  TextOptions.TokenText tokens(Tokenizer tokenizer) {
    return new TextOptions.TokenText(
        document.name(), document.sha256(), tokenizer.encode(document.text()));
  }
}
