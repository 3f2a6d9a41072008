package dev.lengthwise.family;

import dev.lengthwise.checkpoint.DataType;
import dev.lengthwise.checkpoint.TensorEntry;
import dev.lengthwise.checkpoint.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// A random GPT-NeoX as Hugging Face stores it, and what it computes: plain loops in double, after
/// the formulas of `modeling_gpt_neox.py`.
final class TinyNeox {

  static final int VOCABULARY = 11;
  private static final int HIDDEN = 16;
  private static final int INNER = 24;
  private static final int LAYERS = 2;
  private static final int HEADS = 2;
  private static final int SIZE = HIDDEN / HEADS;
  private static final double BASE = 500;
  private static final double EPSILON = 1e-5;

  private final Map<String, float[]> weights = new LinkedHashMap<>();
  private final Map<String, long[]> shapes = new LinkedHashMap<>();
  private final Random random;
  private final boolean parallel;
  private final boolean biased;
  private final double share;
  private final boolean tied;

  TinyNeox(long seed, boolean parallel, boolean biased, double share, boolean tied) {
    this.random = new Random(seed);
    this.parallel = parallel;
    this.biased = biased;
    this.share = share;
    this.tied = tied;
    add("gpt_neox.embed_in.weight", VOCABULARY, HIDDEN);
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "gpt_neox.layers." + layer + ".";
      addVectors(prefix + "input_layernorm", HIDDEN);
      addVectors(prefix + "post_attention_layernorm", HIDDEN);
      addProjection(prefix + "attention.query_key_value", 3 * HIDDEN, HIDDEN, biased);
      addProjection(prefix + "attention.dense", HIDDEN, HIDDEN, biased);
      addProjection(prefix + "mlp.dense_h_to_4h", INNER, HIDDEN, true);
      addProjection(prefix + "mlp.dense_4h_to_h", HIDDEN, INNER, true);
      add(prefix + "attention.rotary_emb.inv_freq", 2); // files of old have it
    }
    addVectors("gpt_neox.final_layer_norm", HIDDEN);
    if (!tied) {
      add("embed_out.weight", VOCABULARY, HIDDEN);
    }
  }

  private void addVectors(String name, int size) {
    add(name + ".weight", size);
    add(name + ".bias", size);
  }

  private void addProjection(String name, int outputs, int inputs, boolean bias) {
    add(name + ".weight", outputs, inputs);
    if (bias) {
      add(name + ".bias", outputs);
    }
  }

  private void add(String name, long... shape) {
    long count = shape.length == 1 ? shape[0] : shape[0] * shape[1];
    boolean gain = name.endsWith("norm.weight");
    float[] values = new float[(int) count];
    for (int index = 0; index < values.length; index++) {
      values[index] = (float) (random.nextGaussian() * 0.3 + (gain ? 1 : 0));
    }
    weights.put(name, values);
    shapes.put(name, shape);
  }

  /// `config.json`, with `more`, which begins with a comma.
  String config(String more) {
    return """
    {"model_type": "gpt_neox", "architectures": ["GPTNeoXForCausalLM"], "vocab_size": %d,
     "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d,
     "num_attention_heads": %d, "hidden_act": "gelu", "layer_norm_eps": 1e-5,
     "max_position_embeddings": 32, "rotary_pct": %s, "rotary_emb_base": 500,
     "use_parallel_residual": %s, "attention_bias": %s, "tie_word_embeddings": %s%s}
    """
        .formatted(VOCABULARY, HIDDEN, INNER, LAYERS, HEADS, share, parallel, biased, tied, more);
  }

  Path write(Path folder, String config) {
    List<TensorEntry> entries = new ArrayList<>();
    weights.forEach(
        (name, values) ->
            entries.add(
                new TensorEntry(
                    name,
                    DataType.F32,
                    Objects.requireNonNull(shapes.get(name)),
                    MemorySegment.ofArray(values))));
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("config.json"), config);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SafetensorsWriter.writeEntries(
        folder.resolve("model.safetensors"), SafetensorsWriter.TORCH_METADATA, entries);
    return folder;
  }

  /// The logits of every token.
  double[][] logits(int[] ids) {
    double[][] stream = new double[ids.length][];
    for (int token = 0; token < ids.length; token++) {
      stream[token] = row(of("gpt_neox.embed_in.weight"), ids[token], HIDDEN);
    }
    for (int layer = 0; layer < LAYERS; layer++) {
      stream = layer(stream, "gpt_neox.layers." + layer + ".");
    }
    double[][] logits = new double[ids.length][];
    for (int token = 0; token < ids.length; token++) {
      double[] last = norm(stream[token], "gpt_neox.final_layer_norm");
      String head = tied ? "gpt_neox.embed_in" : "embed_out";
      logits[token] = linear(last, head, VOCABULARY);
    }
    return logits;
  }

  private double[][] layer(double[][] stream, String prefix) {
    double[][] attended = attention(stream, prefix);
    double[][] next = new double[stream.length][];
    for (int token = 0; token < stream.length; token++) {
      double[] mixed = sum(stream[token], attended[token]);
      double[] read = parallel ? stream[token] : mixed;
      double[] normed = norm(read, prefix + "post_attention_layernorm");
      double[] inner = linear(normed, prefix + "mlp.dense_h_to_4h", INNER);
      for (int channel = 0; channel < INNER; channel++) {
        inner[channel] *= 0.5 * (1 + erf(inner[channel] / Math.sqrt(2)));
      }
      next[token] = sum(mixed, linear(inner, prefix + "mlp.dense_4h_to_h", HIDDEN));
    }
    return next;
  }

  private double[][] attention(double[][] stream, String prefix) {
    int tokens = stream.length;
    double[][] fused = new double[tokens][];
    for (int token = 0; token < tokens; token++) {
      double[] normed = norm(stream[token], prefix + "input_layernorm");
      fused[token] = linear(normed, prefix + "attention.query_key_value", 3 * HIDDEN);
    }
    double[][] joined = new double[tokens][HIDDEN];
    for (int head = 0; head < HEADS; head++) {
      for (int query = 0; query < tokens; query++) {
        double[] scores = new double[query + 1];
        double total = 0;
        for (int key = 0; key <= query; key++) {
          double[] q = turned(part(fused[query], head, 0), query);
          double[] k = turned(part(fused[key], head, 1), key);
          double dot = 0;
          for (int channel = 0; channel < SIZE; channel++) {
            dot += q[channel] * k[channel];
          }
          scores[key] = Math.exp(dot / Math.sqrt(SIZE));
          total += scores[key];
        }
        for (int key = 0; key <= query; key++) {
          double[] value = part(fused[key], head, 2);
          for (int channel = 0; channel < SIZE; channel++) {
            joined[query][head * SIZE + channel] += scores[key] / total * value[channel];
          }
        }
      }
    }
    double[][] output = new double[tokens][];
    for (int token = 0; token < tokens; token++) {
      output[token] = linear(joined[token], prefix + "attention.dense", HIDDEN);
    }
    return output;
  }

  // view(heads, 3 · size), then chunk(3): query, key or value of a head.
  private static double[] part(double[] fused, int head, int which) {
    return slice(fused, head * 3 * SIZE + which * SIZE, SIZE);
  }

  // x cos + rotate_half(x) sin on the first channels, the others as they are.
  private double[] turned(double[] vector, int position) {
    int rotary = (int) (SIZE * share);
    double[] turned = vector.clone();
    for (int channel = 0; channel < rotary; channel++) {
      double frequency = Math.pow(BASE, -2.0 * (channel % (rotary / 2)) / rotary);
      double opposite =
          channel < rotary / 2 ? -vector[channel + rotary / 2] : vector[channel - rotary / 2];
      turned[channel] =
          vector[channel] * Math.cos(position * frequency)
              + opposite * Math.sin(position * frequency);
    }
    return turned;
  }

  private double[] norm(double[] vector, String name) {
    double mean = 0;
    for (double x : vector) {
      mean += x / vector.length;
    }
    double variance = 0;
    for (double x : vector) {
      variance += (x - mean) * (x - mean) / vector.length;
    }
    float[] gain = of(name + ".weight");
    float[] bias = of(name + ".bias");
    double[] normed = new double[vector.length];
    for (int channel = 0; channel < vector.length; channel++) {
      normed[channel] =
          gain[channel] * (vector[channel] - mean) / Math.sqrt(variance + EPSILON) + bias[channel];
    }
    return normed;
  }

  private double[] linear(double[] input, String name, int outputs) {
    float[] weight = of(name + ".weight");
    double[] output = new double[outputs];
    for (int row = 0; row < outputs; row++) {
      double sum = weights.containsKey(name + ".bias") ? of(name + ".bias")[row] : 0;
      for (int column = 0; column < input.length; column++) {
        sum += weight[row * input.length + column] * input[column];
      }
      output[row] = sum;
    }
    return output;
  }

  private float[] of(String name) {
    return Objects.requireNonNull(weights.get(name), name);
  }

  private static double[] row(float[] matrix, int row, int columns) {
    double[] values = new double[columns];
    for (int column = 0; column < columns; column++) {
      values[column] = matrix[row * columns + column];
    }
    return values;
  }

  private static double[] slice(double[] values, int from, int count) {
    double[] part = new double[count];
    System.arraycopy(values, from, part, 0, count);
    return part;
  }

  private static double[] sum(double[] a, double[] b) {
    double[] sums = a.clone();
    for (int index = 0; index < b.length; index++) {
      sums[index] += b[index];
    }
    return sums;
  }

  /// `2/√π · Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1))`, exact enough for the small values here.
  private static double erf(double x) {
    double power = x;
    double sum = x;
    for (int n = 1; n < 200; n++) {
      power *= -x * x / n;
      sum += power / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
}
