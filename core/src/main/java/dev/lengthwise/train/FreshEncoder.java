package dev.lengthwise.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.model.ModelFiles;
import dev.lengthwise.task.TaskExample;
import dev.lengthwise.tokenizer.train.WordVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An encoder of random weights, with the words of a training file as its tokens.
public final class FreshEncoder {

  private static final int WORDS = 4000;
  private static final String GAU_ALPHA = "gau_alpha";
  private static final String TYPE = "model_type";

  private FreshEncoder() {}

  /// The header of a small BERT.
  ///
  /// @param places tokens of the longest text
  public static ObjectNode bert(int places) {
    return JsonNodeFactory.instance
        .objectNode()
        .put(TYPE, "bert")
        .put("hidden_size", 128)
        .put("num_hidden_layers", 4)
        .put("num_attention_heads", 4)
        .put("intermediate_size", 512)
        .put("max_position_embeddings", places)
        .put("type_vocab_size", 2)
        .put("hidden_act", "gelu");
  }

  /// Writes a folder of Hugging Face.
  ///
  /// @param encoder a `config.json` of any family of encoders, without the size of the vocabulary
  /// @param examples whose words become tokens
  /// @param seed decides the weights
  public static void write(
      ObjectNode encoder, List<TaskExample> examples, long seed, Path folder, ModelFiles files) {
    List<String> pieces = WordVocabulary.of(texts(examples), WORDS);
    ObjectNode header = encoder.deepCopy();
    header.put("vocab_size", pieces.size());
    if (!header.has("pad_token_id")) {
      header.put("pad_token_id", 0);
    }
    boolean gau = header.path(TYPE).asText().equals(GAU_ALPHA);
    RandomModel.write(
        header,
        gau ? Initialisation.GAU_ALPHA : Initialisation.NORMAL,
        seed,
        folder,
        files,
        inside -> {
          AtomicFile.writeText(
              inside.resolve("vocab.txt"),
              writer -> writer.write(String.join("\n", pieces) + "\n"));
          JsonFile.write(
              inside.resolve("tokenizer_config.json"),
              Map.of("tokenizer_class", "BertTokenizer", "do_lower_case", true));
        });
  }

  private static List<String> texts(List<TaskExample> examples) {
    List<String> texts = new ArrayList<>();
    for (TaskExample example : examples) {
      switch (example) {
        case TaskExample.Classified own -> {
          texts.add(own.text());
          own.pair().ifPresent(texts::add);
        }
        case TaskExample.Choice own -> {
          texts.add(own.text());
          texts.addAll(own.choices());
        }
        case TaskExample.Question own -> {
          texts.add(own.question());
          texts.add(own.context());
        }
        case TaskExample.Tagged own -> texts.add(own.text());
      }
    }
    return texts;
  }
}
