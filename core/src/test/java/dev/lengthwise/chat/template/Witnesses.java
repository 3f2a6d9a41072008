package dev.lengthwise.chat.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Templates with what jinja2 makes of them.
final class Witnesses {

  /// The time at which the expected texts were made.
  static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-10T09:05:03Z"), ZoneOffset.UTC);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Witnesses() {}

  /// A template with its data.
  ///
  /// @param expected what jinja2 prints; empty where it refuses
  record Witness(String name, String template, JsonNode data, Optional<String> expected) {

    /// What this interpreter prints.
    String rendered() {
      return Template.parse(name, template).render(Witnesses.data(data), CLOCK).text();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// Data of JSON, all of it from outside.
  static TemplateData data(JsonNode json) {
    TemplateData data = TemplateData.EMPTY;
    for (var entry : json.properties()) {
      data = data.with(entry.getKey(), entry.getValue());
    }
    return data;
  }

  /// The snippets that tools/chat-template-fixtures.py made.
  static List<Witness> snippets() throws IOException {
    try (InputStream file = Witnesses.class.getResourceAsStream("/chat-templates/semantics.json")) {
      JsonNode root = MAPPER.readTree(file);
      List<Witness> snippets = new ArrayList<>();
      for (JsonNode entry : root.path("cases")) {
        String template = entry.path("template").asText();
        snippets.add(witness(entry.path("group").asText() + ": " + template, entry, root));
      }
      return snippets;
    }
  }

  /// The templates of real models in the shared data; empty where that is not there.
  static Optional<List<Witness>> models() throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null) {
      Path file = folder.resolve("shared/data/chat-templates/cases.json");
      if (Files.exists(file)) {
        List<Witness> models = new ArrayList<>();
        for (JsonNode entry : MAPPER.readTree(Files.readAllBytes(file))) {
          models.add(witness(entry.path("name").asText(), entry, entry));
        }
        return Optional.of(models);
      }
      folder = folder.getParent();
    }
    return Optional.empty();
  }

  private static Witness witness(String name, JsonNode entry, JsonNode data) {
    return new Witness(
        name,
        entry.path("template").asText(),
        data.path("data"),
        Optional.ofNullable(entry.path("expected").textValue()));
  }
}
