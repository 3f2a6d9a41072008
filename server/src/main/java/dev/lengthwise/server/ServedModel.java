package dev.lengthwise.server;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.ChatTemplate;
import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.StateOrigin;
import dev.lengthwise.tokenizer.SpecialTokens;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The model that is served, with what its texts are made of. Immutable.
final class ServedModel {

  private static final String TOOLS = "tools";

  private final OpenModel open;
  private final Generator generator;
  private final ChatTemplates templates;
  private final SpecialTokens special;

  ServedModel(OpenModel open) {
    this.open = open;
    this.generator = open.generator();
    this.templates = ChatTemplates.of(open.loaded().checkpoint()).with(generator.tokenizer());
    this.special = new SpecialTokens(generator.tokenizer());
  }

  Generator generator() {
    return generator;
  }

  Tokenizer tokenizer() {
    return generator.tokenizer();
  }

  SpecialTokens special() {
    return special;
  }

  /// The sources of the templates that conversations get, by name: the model's, or the one that
  /// was chosen at the start.
  Map<String, String> templates(TemplateChoice choice) {
    return switch (choice) {
      case TemplateChoice.Own _ -> templates.sources();
      case TemplateChoice.Given(String _, String source) -> Map.of(ChatTemplates.DEFAULT, source);
      case TemplateChoice.Named(String name) ->
          Map.of(ChatTemplates.DEFAULT, templates.sources().getOrDefault(name, ""));
    };
  }

  /// Refuses a template that was chosen at the start and is damaged, or that the model lacks.
  ///
  /// @throws LengthwiseException saying which there are, or where it is damaged
  void requireTemplate(TemplateChoice choice) {
    if (choice != TemplateChoice.OWN) {
      templates.choose(choice, Conversation.of(List.of()));
    }
  }

  Path path() {
    return open.loaded().path();
  }

  /// What keys and values depend on that it computes under a method.
  StateOrigin origin(InferenceModel inference) {
    return open.origin(inference);
  }

  /// Its name, for files.
  String name() {
    return open.name();
  }

  long trainedLength() {
    return open.shape().trainedLength();
  }

  /// Rows of the embedding: ids that may be asked for.
  int rows() {
    return open.spec().vocabularySize();
  }

  /// A token as people read it; rows without a token have a number.
  String piece(int id) {
    return id < tokenizer().vocabularySize() ? special.piece(id) : "<row %d>".formatted(id);
  }

  /// Whether a token has no text, such as those that begin or end one.
  boolean isControl(int id) {
    return special.isControl(id);
  }

  /// The model under a method.
  ///
  /// @param targetLength tokens of the text to come
  /// @throws ApiException when the text names no method, or one that makes no sense here
  InferenceModel inference(String method, long targetLength) {
    try {
      return open.inference(method, OptionalLong.of(targetLength));
    } catch (LengthwiseException | IllegalArgumentException e) {
      throw ApiException.invalid("position_method", String.valueOf(e.getMessage()));
    }
  }

  /// The model as one that makes vectors of texts.
  ///
  /// @param targetLength tokens of the longest text: from it follow factors that a method leaves
  ///     out
  /// @throws ApiException when it makes no vectors, or of a method that makes no sense here
  Encoder encoder(String method, long targetLength) {
    try {
      return new Encoder(
          inference(method, targetLength), tokenizer(), open.recipe(), Encoder.Excess.REFUSED);
    } catch (LengthwiseException e) {
      throw ApiException.invalid(String.valueOf(e.getMessage()));
    }
  }

  /// Whether it continues texts; else it makes vectors alone.
  boolean continuesTexts() {
    return !open.spec().isBidirectional();
  }

  /// Refuses what an encoder cannot do.
  void requireTexts() {
    if (!continuesTexts()) {
      throw ApiException.invalid(
          "model",
          "The model is an encoder: its tokens see what comes after them, so it cannot continue a"
              + " text; it serves /v1/embeddings");
    }
  }

  /// The template for a conversation.
  ///
  /// @throws ApiException when there is none
  ChatTemplate template(TemplateChoice choice, Conversation conversation) {
    if (templates.isEmpty() && choice == TemplateChoice.OWN) {
      throw ApiException.invalid(
          "messages",
          "The model has no chat template; start the server with --chat-template-file, or use"
              + " /v1/completions");
    }
    try {
      return templates.choose(choice, conversation);
    } catch (LengthwiseException e) {
      throw ApiException.invalid("messages", String.valueOf(e.getMessage()));
    }
  }

  /// Whether a template reads the variable `tools`.
  boolean takesTools(TemplateChoice choice) {
    return templates(choice).values().stream().anyMatch(source -> source.contains(TOOLS));
  }

  /// The text of tokens; rows without a token have none.
  String text(int... ids) {
    int[] known = Arrays.stream(ids).filter(id -> id < tokenizer().vocabularySize()).toArray();
    return tokenizer().decode(known);
  }
}
