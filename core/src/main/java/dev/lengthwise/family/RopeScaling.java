package dev.lengthwise.family;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodTerm;
import dev.lengthwise.position.MethodValue;
import dev.lengthwise.position.ParameterValue;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Writes rotary scalings into Hugging Face's configurations: the way back of [RopeDeclaration].
///
/// The block has `rope_type` and, for older programs, the same as `type`. Programs disagree on
/// whether a factor or the ratio of two lengths counts, so that both are written alike where the
/// type has an original length.
final class RopeScaling {

  private static final String SCALING = "rope_scaling";
  private static final String PARAMETERS = "rope_parameters";
  private static final String ROPE_TYPE = "rope_type";
  private static final String DEFAULT = "default";
  private static final String ORIGINAL = "original_max_position_embeddings";

  private final ObjectNode config;
  private final @Nullable String lengthKey;
  private final ModelSpec spec;

  private RopeScaling(ObjectNode config, FileFormat format, ModelSpec spec) {
    this.config = config;
    this.lengthKey = format.keys().key(Field.LENGTH);
    this.spec = spec;
  }

  /// All that could be meant as the rotation of a method, from the top down.
  static List<MethodTerm> terms(MethodValue value) {
    return Stream.concat(
            value.terms().stream(),
            value.under().map(RopeScaling::terms).stream().flatMap(List::stream))
        .toList();
  }

  /// Copies of `config` with another scaling, the shortest first; nothing where Hugging Face's
  /// library has none of this name.
  ///
  /// @param format of the configuration
  /// @param spec the model that it describes
  static Stream<ObjectNode> with(
      MethodTerm term, ObjectNode config, FileFormat format, ModelSpec spec) {
    ObjectNode copy = config.deepCopy();
    if (!new RopeScaling(copy, format, spec).put(term)) {
      return Stream.empty();
    }
    // Some configuration classes mean a scaling where there is no block.
    ObjectNode said = copy.deepCopy();
    if (!said.has(SCALING) && !said.has(PARAMETERS)) {
      said.putObject(SCALING).put(ROPE_TYPE, DEFAULT);
    }
    return Stream.of(copy, said).distinct();
  }

  private boolean put(MethodTerm term) {
    switch (term.name()) {
      case "rope" -> {
        block(DEFAULT);
        putLength(spec.shape().trainedLength());
      }
      case "linear" -> {
        block("linear").put("factor", number(term, "factor"));
        putLength(spec.shape().trainedLength());
      }
      case "dynamic-ntk" -> {
        block("dynamic").put("factor", number(term, "factor"));
        putLength(whole(term, "original"));
      }
      case "llama3" ->
          stretched("llama3", term)
              .put("low_freq_factor", number(term, "low"))
              .put("high_freq_factor", number(term, "high"));
      case "yarn" -> {
        ObjectNode block =
            stretched("yarn", term)
                .put("beta_slow", number(term, "low"))
                .put("beta_fast", number(term, "high"))
                .put("attention_factor", number(term, "attention"));
        if (term.parameters().get("truncate") instanceof ParameterValue.Flag(boolean whole)
            && !whole) {
          block.put("truncate", false);
        }
      }
      case "longrope" -> longRope(term);
      default -> {
        return false;
      }
    }
    return true;
  }

  private void longRope(MethodTerm term) {
    long original = whole(term, "original");
    long most = lengthKey == null ? original : config.path(lengthKey).asLong(original);
    ObjectNode block = block("longrope");
    putList(block.putArray("short_factor"), term, "short");
    putList(block.putArray("long_factor"), term, "long");
    block
        .put("factor", (double) Math.max(most, original) / original)
        .put(ORIGINAL, original)
        .put("attention_factor", number(term, "attention"));
    config.put(ORIGINAL, original); // where Phi-3 and older programs look for it
    putLength(Math.max(most, original));
  }

  private static void putList(ArrayNode array, MethodTerm term, String key) {
    if (term.parameters().get(key) instanceof ParameterValue.Decimals(List<Double> values)) {
      values.forEach(array::add);
    }
  }

  // A type that stretches an original length by a factor.
  private ObjectNode stretched(String type, MethodTerm term) {
    double factor = number(term, "factor");
    long original = whole(term, "original");
    putLength(Math.round(factor * original));
    return block(type).put("factor", factor).put(ORIGINAL, original);
  }

  // An empty block of a type, in the spelling of the configuration; what else than the scaling
  // stands in the newest spelling stays.
  private ObjectNode block(String type) {
    config.remove(ORIGINAL);
    if (config.path(PARAMETERS) instanceof ObjectNode parameters) {
      config.remove(SCALING);
      parameters.retain("rope_theta", "partial_rotary_factor");
      return parameters.put(ROPE_TYPE, type);
    }
    config.remove(List.of(SCALING, PARAMETERS));
    ObjectNode block = config.objectNode().put(ROPE_TYPE, type);
    if (type.equals(DEFAULT)) {
      return block;
    }
    config.set(SCALING, block.put("type", type));
    return block;
  }

  private void putLength(long tokens) {
    if (lengthKey != null) {
      KeyTable.blockOf(config, lengthKey).put(KeyTable.leaf(lengthKey), tokens);
    }
  }

  private static double number(MethodTerm term, String key) {
    if (term.parameters().get(key) instanceof ParameterValue.Decimal(double value)) {
      return value;
    }
    throw new IllegalStateException(term.name() + " has no number " + key);
  }

  private static long whole(MethodTerm term, String key) {
    return Math.round(number(term, key));
  }
}
