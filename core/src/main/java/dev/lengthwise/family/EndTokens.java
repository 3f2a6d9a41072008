package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.io.JsonObjects;
import dev.lengthwise.tokenizer.EndNames;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The tokens after which a model has nothing more to say.
///
/// They are all of: the end of text of the tokenizer; `eos_token_id`, a number or a list, of
/// `config.json` and of `generation_config.json`; the ids `eos`, `eot` and `eom` of GGUF files; and
/// control tokens of the names that chat templates end turns with ([EndNames]).
public final class EndTokens {

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
    KEYS.forEach(key -> add(checkpoint.header().path(key), ids, key, checkpoint.path()));
    Path file = TokenizerFinder.folder(checkpoint).resolve(GENERATION);
    if (checkpoint.format().equals("safetensors") && Files.isRegularFile(file)) {
      String key = KEYS.getFirst();
      add(JsonObjects.readPythonObject(file).path(key), ids, key, file);
    }
    Map<String, Integer> controls = tokenizer.controlTokens();
    EndNames.of(controls.keySet()).forEach(name -> ids.add(controls.get(name)));
    ids.removeIf(id -> id < 0 || id >= tokenizer.vocabularySize());
    return ids;
  }

  private static void add(JsonNode value, Set<Integer> ids, String key, Path file) {
    if (value.isArray()) {
      value.forEach(element -> add(element, ids, key, file));
    } else if (value.isIntegralNumber() && value.canConvertToInt()) {
      ids.add(value.intValue());
    } else if (!value.isNull() && !value.isMissingNode()) {
      throw new LengthwiseException(
          "Key \"%s\" of %s must be the id of a token or a list of ids, found %s; correct it."
              .formatted(key, file, value));
    }
  }
}
