package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The tokens after which a model has nothing more to say.
///
/// They are all of: the end of text of the tokenizer; `eos_token_id`, a number or a list, of
/// `config.json` and of `generation_config.json`; the ids `eos`, `eot` and `eom` of GGUF files; and
/// control tokens of the names that chat templates end turns with ([#NAMES], those of llama.cpp).
public final class EndTokens {

  /// Names of tokens that end a text, a turn or a message.
  static final List<String> NAMES =
      List.of(
          "<|eot_id|>",
          "<|eom_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<end_of_turn>",
          "<|END_OF_TURN_TOKEN|>",
          "<|endoftext|>",
          "<|end_of_text|>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<｜end▁of▁sentence｜>",
          "<end_of_utterance>");

  private static final List<String> KEYS =
      List.of(
          "eos_token_id",
          "tokenizer.ggml.eos_token_id",
          "tokenizer.ggml.eot_token_id",
          "tokenizer.ggml.eom_token_id");

  private static final String GENERATION = "generation_config.json";

  private EndTokens() {}

  /// The ids of all end tokens, in rising order; ids that the vocabulary has not are left out.
  public static Set<Integer> of(Checkpoint checkpoint, Tokenizer tokenizer) {
    Set<Integer> ids = new TreeSet<>();
    tokenizer.endOfText().ifPresent(ids::add);
    KEYS.forEach(key -> add(checkpoint.header().path(key), ids));
    Path file = TokenizerFinder.folder(checkpoint).resolve(GENERATION);
    if (checkpoint.format().equals("safetensors") && Files.isRegularFile(file)) {
      add(JsonObjects.readPythonObject(file).path(KEYS.getFirst()), ids);
    }
    NAMES.stream().flatMap(name -> id(tokenizer, name)).forEach(ids::add);
    ids.removeIf(id -> id < 0 || id >= tokenizer.vocabularySize());
    return ids;
  }

  private static Stream<Integer> id(Tokenizer tokenizer, String name) {
    return Stream.ofNullable(tokenizer.controlTokens().get(name));
  }

  private static void add(JsonNode value, Set<Integer> ids) {
    if (value.isArray()) {
      value.forEach(element -> add(element, ids));
    } else if (value.isIntegralNumber() && value.canConvertToInt()) {
      ids.add(value.intValue());
    }
  }
}
