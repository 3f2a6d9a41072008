package dev.lengthwise.family;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.checkpoint.Checkpoint;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.MethodReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Every family that exists. A new family is one new file and one new line here.
final class Families {

  /// The catalogue; the first family that matches a checkpoint reads it.
  static final List<Family> ALL =
      List.of(
          new LengthwiseFamily(),
          new LlamaFamily(),
          new MistralFamily(),
          new Qwen2Family(),
          new Qwen3Family(),
          new Qwen2MoeFamily(),
          new Qwen3MoeFamily(),
          new GemmaFamily(),
          new Phi3Family(),
          new PhiFamily(),
          new Mistral3Family(),
          new MixtralFamily(),
          new SmolLm3Family(),
          new GptOssFamily(),
          new Llama4Family(),
          new DeepSeek2Family(),
          new DeepSeek3Family(),
          new OlmoFamily(),
          new Olmo2Family(),
          new OlmoeFamily(),
          new GraniteFamily(),
          new GraniteMoeFamily(),
          new MiniCpmFamily(),
          new CohereFamily(),
          new Exaone4Family(),
          new Glm4Family(),
          new Glm4MoeFamily(),
          new Dots1Family(),
          new Ernie45Family(),
          new SeedOssFamily(),
          new HeliumFamily(),
          new ArceeFamily(),
          new InternLm2Family(),
          new StableLmFamily(),
          new StarCoder2Family(),
          new FalconFamily(),
          new BloomFamily(),
          new MptFamily(),
          new GptJFamily(),
          new GptNeoxFamily(),
          new Gpt2Family(),
          new GptBigCodeFamily(),
          new GptNeoFamily(),
          new OptFamily(),
          new BaichuanFamily(),
          new OrionFamily(),
          new NemotronFamily(),
          new RefactFamily(),
          new BertFamily(),
          new JinaBertFamily(),
          new NomicBertFamily(),
          new ModernBertFamily(),
          new RoFormerFamily(),
          new GauAlphaFamily());

  private Families() {}

  /// The family and format of a checkpoint.
  ///
  /// @param header what describes the model: the checkpoint itself, or the header inside it of the
  ///     model that it was trained from ([TrainedFrom])
  record Found(Family family, FileFormat format, Checkpoint header) {

    /// The model plan that the header describes.
    ///
    /// @throws LengthwiseException when it describes none
    ModelSpec spec(MethodReader methods) {
      try {
        ModelSpec encoder = family.spec(new Header(header, format, methods));
        return TaskHeads.headed(family, format, header, encoder);
      } catch (IllegalArgumentException | ArithmeticException impossible) {
        throw new LengthwiseException(
            "The header of %s describes no model that can be: %s; check its numbers, or fetch it again."
                .formatted(header.path(), impossible.getMessage()),
            impossible);
      }
    }
  }

  /// The family of a checkpoint.
  ///
  /// @throws LengthwiseException when there is none: the message names what the header says and
  ///     the known families
  static Found of(Checkpoint checkpoint) {
    return find(checkpoint).orElseThrow(() -> unknown(checkpoint));
  }

  /// The family of a checkpoint, where there is one.
  static Optional<Found> find(Checkpoint checkpoint) {
    Optional<Checkpoint> inner = TrainedFrom.inside(checkpoint);
    return inner.isPresent()
        ? matching(inner.get())
            .map(own -> new Found(own.family, own.format.withOwnNames(), own.header))
        : matching(checkpoint);
  }

  private static Optional<Found> matching(Checkpoint checkpoint) {
    return ALL.stream()
        .flatMap(
            family ->
                family
                    .formatOf(checkpoint)
                    .map(format -> TaskHeads.named(family, format, checkpoint))
                    .map(format -> new Found(family, format, checkpoint))
                    .stream())
        .findFirst();
  }

  private static LengthwiseException unknown(Checkpoint checkpoint) {
    Container container = Container.of(checkpoint);
    String known =
        ALL.stream()
            .flatMap(family -> family.formats().stream())
            .filter(format -> format.container() == container)
            .flatMap(format -> format.types().stream())
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    if (checkpoint.header().isEmpty()) {
      return new LengthwiseException(
          "%s has no config.json beside it, which says what model it is; copy it there (known types: %s)."
              .formatted(checkpoint.path(), known));
    }
    JsonNode type = checkpoint.header().path(container.typeKey());
    JsonNode architectures = checkpoint.header().path("architectures");
    return new LengthwiseException(
        "%s is a model of an unsupported family: %s is %s%s; known types: %s."
            .formatted(
                checkpoint.path(),
                container.typeKey(),
                type.isMissingNode() ? "missing" : type,
                architectures.isMissingNode() ? "" : ", architectures " + architectures,
                known));
  }
}
