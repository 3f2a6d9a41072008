package dev.lengthwise.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonObjects;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The chat templates in a folder of Hugging Face's layout.
final class TemplateFolder {

  private static final String SINGLE = "chat_template.jinja";
  private static final String ADDITIONAL = "additional_chat_templates";
  private static final String ENDING = ".jinja";
  private static final String CONFIG = "tokenizer_config.json";
  private static final String TOKEN_MAP = "special_tokens_map.json";
  private static final String LEGACY = "chat_template.json";
  private static final String KEY = "chat_template";

  /// More than any template has.
  private static final long LARGEST = 4L << 20;

  private TemplateFolder() {}

  /// The templates in a folder, none where it has none.
  static ChatTemplates read(Path folder) {
    JsonNode config = json(folder.resolve(CONFIG));
    SpecialTokenNames tokens =
        SpecialTokenNames.of(config).or(SpecialTokenNames.of(json(folder.resolve(TOKEN_MAP))));
    Map<String, String> sources = files(folder);
    if (!sources.isEmpty()) {
      return new ChatTemplates(folder.resolve(SINGLE).toString(), sources, tokens);
    }
    for (String name : List.of(CONFIG, LEGACY)) {
      Path file = folder.resolve(name);
      JsonNode template = name.equals(CONFIG) ? config.path(KEY) : json(file).path(KEY);
      sources.putAll(named(template, file));
      if (!sources.isEmpty()) {
        return new ChatTemplates(file.toString(), sources, tokens);
      }
    }
    return new ChatTemplates(folder.toString(), Map.of(), tokens);
  }

  private static JsonNode json(Path file) {
    return Files.isRegularFile(file)
        ? JsonObjects.readPythonObject(file)
        : MissingNode.getInstance();
  }

  private static Map<String, String> files(Path folder) {
    Map<String, String> sources = new TreeMap<>();
    Path single = folder.resolve(SINGLE);
    if (Files.isRegularFile(single)) {
      sources.put(ChatTemplates.DEFAULT, text(single));
    }
    Path additional = folder.resolve(ADDITIONAL);
    if (Files.isDirectory(additional)) {
      for (Path file : templates(additional)) {
        String name = file.getFileName().toString();
        sources.put(name.substring(0, name.length() - ENDING.length()), text(file));
      }
    }
    return sources;
  }

  private static List<Path> templates(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(ENDING)).sorted().toList();
    } catch (IOException e) {
      throw new LengthwiseException("Folder " + folder + " cannot be read: " + FileReason.of(e), e);
    }
  }

  /// The text of a template file.
  ///
  /// @throws LengthwiseException when it cannot be read
  static String text(Path file) {
    try {
      long size = Files.size(file);
      if (size > LARGEST) {
        throw new LengthwiseException(
            "The chat template %s has %d bytes; expected at most %d."
                .formatted(file, size, LARGEST));
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new LengthwiseException("The chat template " + file + " is not UTF-8.", e);
    } catch (IOException e) {
      throw new LengthwiseException(
          "The chat template " + file + " cannot be read: " + FileReason.of(e) + ".", e);
    }
  }

  // A text is the default template; a list has objects with `name` and `template`.
  private static Map<String, String> named(JsonNode template, Path file) {
    Map<String, String> sources = new TreeMap<>();
    if (template.isTextual()) {
      sources.put(ChatTemplates.DEFAULT, template.textValue());
    } else if (template.isArray()) {
      for (JsonNode entry : template) {
        if (!entry.path("name").isTextual() || !entry.path("template").isTextual()) {
          throw wrong(file);
        }
        sources.put(entry.path("name").textValue(), entry.path("template").textValue());
      }
    } else if (template.isObject()) {
      for (Map.Entry<String, JsonNode> entry : template.properties()) {
        if (!entry.getValue().isTextual()) {
          throw wrong(file);
        }
        sources.put(entry.getKey(), entry.getValue().textValue());
      }
    } else if (!template.isMissingNode() && !template.isNull()) {
      throw wrong(file);
    }
    return sources;
  }

  private static LengthwiseException wrong(Path file) {
    return new LengthwiseException(
        "\"%s\" of %s must be a text, or a list of objects with the texts \"name\" and \"template\"."
            .formatted(KEY, file));
  }
}
