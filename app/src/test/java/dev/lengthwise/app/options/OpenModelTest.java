package dev.lengthwise.app.options;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.TinyModel;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.reference.ReferenceAttention;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.attention.vector.VectorAttention;
import dev.lengthwise.family.Precision;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.method.LmInfinite;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.torch.ComputeDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// What a command line says of a model is what runs: each option is followed to where it counts.
class OpenModelTest {

  private static final String DECLARED = "declared";

  @TempDir private Path folder;

  /// A command with the options of all that open a model.
  @Command
  private static final class Opening {
    @Mixin private ModelOptions model = new ModelOptions();
  }

  private ModelOptions options(String... line) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-m", TinyModel.write(folder).toString()));
    arguments.addAll(List.of(line));
    Opening command = new Opening();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(arguments.toArray(String[]::new));
    return command.model;
  }

  private OpenModel open(String... line) throws IOException {
    return options(line).open();
  }

  private static InferenceModel inference(OpenModel open) {
    return open.inference(DECLARED, OptionalLong.empty());
  }

  @ParameterizedTest
  @EnumSource
  void keysAndValuesAreKeptAsAsked(CacheType type) throws IOException {
    try (OpenModel open = open("--cache-type", type.name())) {
      assertThat(inference(open).cacheType()).isEqualTo(type);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEngineIsTheOneAskedFor(ModelSettings.Engine engine) throws IOException {
    Class<? extends Attention> expected =
        switch (engine) {
          case VECTOR -> VectorAttention.class;
          case TORCH -> TorchAttention.class;
          case REFERENCE -> ReferenceAttention.class;
        };
    try (OpenModel open = open("--engine", engine.name())) {
      assertThat(inference(open).engine()).isInstanceOf(expected);
      assertThat(open.engineThatRuns()).isEqualTo(engine);
    }
  }

  @ParameterizedTest
  @EnumSource
  void productsAreComputedAsAsked(Precision precision) throws IOException {
    try (OpenModel open = open("--dtype", precision.name())) {
      assertThat(open.loaded().precision()).isEqualTo(precision);
    }
  }

  @Test
  void threadsAreThoseOfTheEngineAndOfLibtorch() throws IOException {
    int before = torch.get_num_threads();
    try (OpenModel open = open("--threads", "3")) {
      assertThat(open.workers().threads()).isEqualTo(3);
      assertThat(torch.get_num_threads()).isEqualTo(3);
    } finally {
      torch.set_num_threads(before);
    }
  }

  @Test
  void theTrainedLengthTakesThePlaceOfThatOfTheFile() throws IOException {
    try (OpenModel open = open("--trained-length", "9")) {
      assertThat(open.shape().trainedLength()).isEqualTo(9);
      assertThat(inference(open).plans().shape().trainedLength()).isEqualTo(9);
    }
  }

  @Test
  void theMethodIsTheOneAskedFor() throws IOException {
    try (OpenModel open = open()) {
      InferenceModel inference = open.inference("lm-infinite:local=8", OptionalLong.empty());
      assertThat(inference.plans().chosen()).isInstanceOf(LmInfinite.class);
    }
  }

  @Test
  void theDeviceIsTheOneAskedFor() throws IOException {
    assertThat(options("--device", "cuda:1").device)
        .isEqualTo(new ComputeDevice(DeviceType.CUDA, 1));
  }

  /// But for the trained length and the revision, which each model has of its own.
  @Test
  void aModelBesideRunsUnderTheSameOptions() throws IOException {
    ModelOptions first =
        options(
            "--threads",
            "3",
            "--batch-size",
            "5",
            "--dtype",
            "bf16",
            "--cache-type",
            "q8_0",
            "--device",
            "cuda:1",
            "--engine",
            "torch",
            "--trained-length",
            "9");
    ModelOptions beside = first.of("other");

    assertThat(beside)
        .usingRecursiveComparison()
        .ignoringFields("model", "trainedLength", "revision")
        .isEqualTo(first);
    assertThat(beside.model).isEqualTo("other");
    assertThat(beside.trainedLength()).isEmpty();
  }
}
