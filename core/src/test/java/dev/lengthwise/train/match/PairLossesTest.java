package dev.lengthwise.train.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.LabelledPair;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PairLossesTest {

  private static final int PAIRS = 6;
  private static final int SIZE = 5;
  private static final double STEP = 1e-6;

  /// Values computed by hand from the formula: ln 2; ln(1 + e¹⁴); all orders of four pairs; nothing
  /// to order.
  @ParameterizedTest
  @CsvSource({
    "0.5 0.5, 1 0, 0.6931471805599453",
    "0.2 0.9, 1 0, 14.00000083152838",
    "0.9 0.2 0.6 0.4, 1 0 1 0, 0.0185247",
    "0.9 0.2 0.6, 1 1 1, 0"
  })
  void coSentIsThatOfTheFormula(String cosines, String labels, double expected) {
    try (PointerScope _ = new PointerScope()) {
      Tensor loss = PairLosses.coSent(Tensor.create(numbers(cosines)), numbers(labels), 20);
      assertThat(loss.item_double()).isCloseTo(expected, within(1e-7));
    }
  }

  @Test
  void coSentDoesNotChangeWithWhatAllCosinesShareAndDoesNotOverflow() {
    try (PointerScope _ = new PointerScope()) {
      double[] labels = {0, 2, 1};
      double one = PairLosses.coSent(Tensor.create(numbers("0.1 0.4 0.3")), labels, 20).item_double();
      double other =
          PairLosses.coSent(Tensor.create(numbers("0.4 0.7 0.6")), labels, 20).item_double();
      assertThat(other).isCloseTo(one, within(1e-12));
      double steep =
          PairLosses.coSent(Tensor.create(numbers("1 -1")), new double[] {0, 1}, 1e6).item_double();
      assertThat(steep).isEqualTo(2e6);
    }
  }

  @ParameterizedTest
  @CsvSource({"cosent:scale=20", "cosent:scale=1", "cosine", "info-nce"})
  void lossesAndGradientsAreThoseOfSentenceTransformers(String name) throws IOException {
    JsonNode fixture =
        new ObjectMapper()
            .readTree(Path.of("src/test/resources/families/sentences/losses.json").toFile());
    JsonNode expected = fixture.get("cases").get(name);
    PairLoss loss =
        switch (name) {
          case "cosent:scale=20" -> new PairLoss.CoSent(20);
          case "cosent:scale=1" -> new PairLoss.CoSent(1);
          case "cosine" -> new PairLoss.CosineRegression(1);
          default -> new PairLoss.InfoNce(20);
        };
    try (PointerScope _ = new PointerScope()) {
      Tensor first = tensor(flat(fixture.get("first")), PAIRS, SIZE);
      Tensor second = tensor(flat(fixture.get("second")), PAIRS, SIZE);
      Tensor value = PairLosses.of(loss, first, second, flat(fixture.get("labels")), null);
      assertThat(value.item_double()).isCloseTo(expected.get("loss").asDouble(), within(1e-8));
      TensorVector gradients = torch.grad(new TensorVector(value), new TensorVector(first, second));
      assertThat(doubles(gradients.get(0)))
          .containsExactly(flat(expected.get("first")), within(1e-8));
      assertThat(doubles(gradients.get(1)))
          .containsExactly(flat(expected.get("second")), within(1e-8));
    }
  }

  static Stream<PairLoss> losses() {
    return Stream.of(
        new PairLoss.CoSent(20),
        new PairLoss.SentenceBert(3),
        new PairLoss.CosineRegression(2),
        new PairLoss.InfoNce(20),
        new PairLoss.Interaction(3));
  }

  /// A case with numbers of its own: vectors, and a head where the loss has one.
  private record Case(PairLoss loss, double[][] numbers) {

    static Case of(PairLoss loss) {
      Random random = new Random(7);
      int classes = loss.classes();
      int inputs = PairLosses.headInputs(loss, SIZE);
      return new Case(
          loss,
          new double[][] {
            normal(random, PAIRS * SIZE),
            normal(random, PAIRS * SIZE),
            normal(random, classes * inputs),
            normal(random, classes)
          });
    }

    private static double[] normal(Random random, int count) {
      return random.doubles(count, -1, 1).toArray();
    }

    List<Tensor> tensors() {
      int inputs = PairLosses.headInputs(loss, SIZE);
      boolean headed = loss.classes() > 0;
      Tensor first = tensor(numbers[0], PAIRS, SIZE);
      Tensor second = tensor(numbers[1], PAIRS, SIZE);
      return headed
          ? List.of(
              first,
              second,
              tensor(numbers[2], loss.classes(), inputs),
              tensor(numbers[3], loss.classes()))
          : List.of(first, second);
    }

    Tensor value(List<Tensor> tensors) {
      PairLosses.@Nullable Head head =
          tensors.size() > 2 ? new PairLosses.Head(tensors.get(2), tensors.get(3)) : null;
      @Nullable Tensor second = loss.readsPairs() ? null : tensors.get(1);
      return PairLosses.of(
          loss, tensors.get(0), second, new double[] {0, 2, 1, 1, 0, 2}, head);
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void gradientsAreThoseOfFiniteDifferences(PairLoss loss) {
    Case test = Case.of(loss);
    try (PointerScope _ = new PointerScope()) {
      List<Tensor> tensors = test.tensors();
      List<Integer> used =
          Stream.of(0, 1, 2, 3)
              .filter(n -> n < tensors.size() && !(n == 1 && loss.readsPairs()))
              .toList();
      TensorVector gradients =
          torch.grad(
              new TensorVector(test.value(tensors)),
              new TensorVector(used.stream().map(tensors::get).toArray(Tensor[]::new)));
      for (int n = 0; n < used.size(); n++) {
        double[] numbers = Objects.requireNonNull(test.numbers()[used.get(n)]);
        double[] found = doubles(gradients.get(n));
        for (int place = 0; place < numbers.length; place++) {
          double own = numbers[place];
          numbers[place] = own + STEP;
          double above = test.value(test.tensors()).item_double();
          numbers[place] = own - STEP;
          double below = test.value(test.tensors()).item_double();
          numbers[place] = own;
          assertThat(found[place]).isCloseTo((above - below) / (2 * STEP), within(1e-6));
        }
      }
    }
  }

  @Test
  void labelsOfAnotherKindAreRefused() {
    List<LabelledPair> graded = List.of(new LabelledPair("a", "b", 0.5));
    List<LabelledPair> bare = List.of(new LabelledPair("a", "b", Double.NaN));
    assertThatThrownBy(() -> new PairLoss.SentenceBert(2).requireLabels(graded, "pairs.tsv"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("0.5", "pairs.tsv", "classes from 0 to 1");
    assertThatThrownBy(() -> new PairLoss.CoSent(20).requireLabels(bare, "pairs.tsv"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContainingAll("no label", "info-nce");
    assertThatThrownBy(
            () ->
                new PairLoss.CosineRegression(5)
                    .requireLabels(List.of(new LabelledPair("a", "b", 6)), "pairs.tsv"))
        .isInstanceOf(LengthwiseException.class)
        .hasMessageContaining("outside of 0 … 5.0");
    new PairLoss.InfoNce(20).requireLabels(bare, "pairs.tsv");
    new PairLoss.CoSent(20).requireLabels(graded, "pairs.tsv");
  }

  private static Tensor tensor(double[] numbers, long... shape) {
    Tensor tensor = Tensor.create(numbers, shape);
    tensor.set_requires_grad(true);
    return tensor;
  }

  private static double[] doubles(Tensor tensor) {
    DoubleBuffer buffer = tensor.contiguous().createBuffer();
    double[] values = new double[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  private static double[] numbers(String text) {
    return Stream.of(text.split(" ")).mapToDouble(Double::parseDouble).toArray();
  }

  private static double[] flat(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false)
        .flatMapToDouble(
            node ->
                node.isArray()
                    ? Arrays.stream(flat(node))
                    : DoubleStream.of(node.asDouble()))
        .toArray();
  }
}
