package dev.lengthwise.chat;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.checkpoint.gguf.GgufFile;
import dev.lengthwise.checkpoint.open.Checkpoints;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The chat templates of a model by name, with its special tokens: the place to start.
///
/// They come from the GGUF file of the model, or from its folder, as in transformers: first
/// `chat_template.jinja` with `additional_chat_templates/NAME.jinja`, then `chat_template` of
/// `tokenizer_config.json` (a text, or a list of names and texts), then `chat_template.json`.
///
/// @param origin where they come from, for messages
/// @param sources the texts of the templates by name; most models have `default` only
/// @param tokens the special tokens that they may print
public record ChatTemplates(String origin, Map<String, String> sources, SpecialTokenNames tokens) {

  /// The name of the template that is used where none is asked for.
  public static final String DEFAULT = "default";

  private static final String FOR_TOOLS = "tool_use";

  /// Sorts the templates by name.
  public ChatTemplates {
    sources = Collections.unmodifiableMap(new TreeMap<>(sources));
  }

  /// The templates of a model: a GGUF file, a folder, or a file in it.
  ///
  /// @throws LengthwiseException when what should hold them cannot be read
  public static ChatTemplates of(Path model) {
    if (Files.isDirectory(model) && !GgufTemplates.areIn(model)) {
      return TemplateFolder.read(model);
    }
    if (!Files.isDirectory(model) && !GgufTemplates.mayBe(model)) {
      Path folder = model.toAbsolutePath().normalize().getParent();
      return folder == null ? none(model) : TemplateFolder.read(folder);
    }
    try (Checkpoint checkpoint = Checkpoints.open(model)) {
      return of(checkpoint);
    }
  }

  private static ChatTemplates none(Path model) {
    return new ChatTemplates(model.toString(), Map.of(), SpecialTokenNames.NONE);
  }

  /// The templates of an open model.
  public static ChatTemplates of(Checkpoint checkpoint) {
    Path path = checkpoint.path().toAbsolutePath().normalize();
    Path folder = Files.isDirectory(path) ? path : path.resolveSibling("");
    if (!(checkpoint instanceof GgufFile gguf)) {
      return TemplateFolder.read(folder);
    }
    ChatTemplates inFile = GgufTemplates.read(gguf);
    if (!inFile.sources.isEmpty()) {
      return inFile;
    }
    ChatTemplates beside = TemplateFolder.read(folder);
    return new ChatTemplates(beside.origin, beside.sources, beside.tokens.or(inFile.tokens));
  }

  /// The same templates with the begin and end of text of a tokenizer, where nothing says others.
  public ChatTemplates with(Tokenizer tokenizer) {
    return new ChatTemplates(origin, sources, tokens.or(SpecialTokenNames.of(tokenizer)));
  }

  /// Whether the model has any template.
  public boolean isEmpty() {
    return sources.isEmpty();
  }

  /// The template of a name.
  ///
  /// @throws LengthwiseException when the model has none of it
  public ChatTemplate named(String name) {
    String source = sources.get(name);
    if (source == null) {
      throw new LengthwiseException(
          "The model %s has no chat template '%s', %s; a file is given with --chat-template-file"
              .formatted(
                  origin, name, sources.isEmpty() ? "and no other" : "only " + sources.keySet()));
    }
    return ChatTemplate.of(origin + (sources.size() > 1 ? " (" + name + ")" : ""), source, tokens);
  }

  /// The template that is wanted for a conversation.
  ///
  /// @throws LengthwiseException when there is none, or when it is damaged
  public ChatTemplate choose(TemplateChoice wanted, Conversation conversation) {
    return switch (wanted) {
      case TemplateChoice.Own _ -> choose(conversation);
      case TemplateChoice.Named(String name) -> named(name);
      case TemplateChoice.Given(String name, String source) ->
          ChatTemplate.of(name, source, tokens);
    };
  }

  /// The template for a conversation: that for tools where it has tools and the model has one, or
  /// else the default, or the only one.
  ///
  /// @throws LengthwiseException when there is none, or when it is damaged
  public ChatTemplate choose(Conversation conversation) {
    if (sources.isEmpty()) {
      throw new LengthwiseException(
          "The model %s has no chat template; give one, on the command line with --chat-template or --chat-template-file"
              .formatted(origin));
    }
    return named(
        Optional.of(FOR_TOOLS)
            .filter(name -> conversation.hasTools() && sources.containsKey(name))
            .orElse(sources.size() == 1 ? sources.keySet().iterator().next() : DEFAULT));
  }
}
