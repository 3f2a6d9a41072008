package dev.lengthwise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.runtime.ModelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A text that is saved with its keys and values goes on in another process with the bits that it
/// would have had, and is refused by whatever computes otherwise.
class SavedStateTest {

  private static final ModelSettings SETTINGS = ModelSettings.DEFAULT.withThreads(1);

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() {
    TinyChatModel.write(folder);
    file = folder.resolve("text.state");
  }

  private Model open(ModelSettings settings) {
    return Model.open(folder, settings, _ -> {});
  }

  private static int[] ids(int count) {
    return IntStream.range(0, count).map(at -> 4 + at * 37 % 250).toArray();
  }

  // With the logarithm of each probability: equal bits, not only equal tokens.
  private static GenerationResult generated(Session session, int[] prompt, int tokens) {
    GenerationOptions options =
        new GenerationOptions(tokens, 64, Sampling.GREEDY, List.of(), true).withLogprobs(3);
    return session.generate(prompt, options, _ -> {}, () -> false);
  }

  private static void assertSame(GenerationResult back, GenerationResult gone) {
    assertThat(back.ids()).isEqualTo(gone.ids());
    assertThat(back.logprobs()).as("the same bits").isEqualTo(gone.logprobs());
    assertThat(back.promptTokens()).as("tokens that were read").isEqualTo(gone.promptTokens());
  }

  private static Stream<Arguments> methodsAndTypes() {
    return Stream.of(
            "rope",
            "rerope:window=16",
            "lm-infinite:local=70,global=4",
            "streaming-llm:sinks=4,window=60",
            "window",
            "dynamic-ntk")
        .flatMap(
            method -> Arrays.stream(CacheType.values()).map(type -> Arguments.of(method, type)));
  }

  @ParameterizedTest
  @MethodSource("methodsAndTypes")
  void aTextGoesOnWithTheSameBits(String method, CacheType type) {
    ModelSettings settings = SETTINGS.withCacheType(type);
    try (Model first = open(settings);
        Session gone = first.with(method).session();
        Model second = open(settings)) {
      generated(gone, ids(190), 9);
      gone.append("not read yet");
      gone.saveState(file);
      try (Session back = second.with(method).restore(file, ContextPolicy.UNLIMITED)) {
        assertThat(back.ids()).isEqualTo(gone.ids());
        assertThat(back.context().layers()).isEqualTo(gone.context().layers());
        assertThat(back.context().unreadTokens()).isEqualTo(gone.context().unreadTokens());
        assertSame(generated(back, new int[] {5, 6}, 20), generated(gone, new int[] {5, 6}, 20));
        assertSame(generated(back, ids(70), 9), generated(gone, ids(70), 9));
      }
    }
  }

  @Test
  void whatIsRestoredForksAndGoesBackAsBefore() {
    try (Model model = open(SETTINGS);
        Session gone = model.with("rope").session()) {
      generated(gone, ids(150), 9);
      gone.saveState(file);
      try (Session back = model.with("rope").restore(file, ContextPolicy.UNLIMITED);
          Session fork = back.fork()) {
        gone.rewind(100);
        back.rewind(100);
        assertSame(generated(back, new int[] {9}, 9), generated(gone, new int[] {9}, 9));
        assertThat(back.context().readAgainTokens()).isZero();
        assertThat(fork.length()).as("the fork stays").isEqualTo(159);
      }
    }
  }

  // A template ends behind the place to which the next turn goes back.
  @ParameterizedTest
  @ValueSource(strings = {"rope", "window:window=100", "streaming-llm:sinks=4,window=60"})
  void aConversationGoesOnWithTheSameBits(String method) {
    GenerationOptions options =
        new GenerationOptions(6, 512, Sampling.GREEDY, List.of(), true).withLogprobs(2);
    try (Model model = open(SETTINGS);
        Chat gone = model.with(method).chat(ContextPolicy.UNLIMITED)) {
      for (int turn = 0; turn < 6; turn++) {
        gone.say("a longer message, number " + turn, options, _ -> {}, () -> false);
      }
      gone.saveState(file);
      try (Chat back = model.with(method).restoreChat(file, ContextPolicy.UNLIMITED);
          Session alone = model.with(method).restore(file, ContextPolicy.UNLIMITED)) {
        assertThat(back.messages()).isEqualTo(gone.messages());
        assertThat(alone.ids()).isEqualTo(gone.session().ids());
        ChatReply next = gone.say("and now?", options, _ -> {}, () -> false);
        ChatReply same = back.say("and now?", options, _ -> {}, () -> false);
        assertThat(same.text()).isEqualTo(next.text());
        assertThat(same.keptTokens()).isEqualTo(next.keptTokens()).isPositive();
        assertSame(same.result(), next.result());
      }
    }
  }

  // Answers of random weights are no valid text: only their tokens say what they were.
  @Test
  void aConversationWithoutKeysAndValuesKeepsItsTokensAndItsDate() throws IOException {
    TemplateChoice dated = TemplateChoice.of("{{ strftime_now('%Y') }}" + TinyChatModel.TEMPLATE);
    GenerationOptions options = new GenerationOptions(6, 512, Sampling.GREEDY, List.of(), true);
    try (Model model = open(SETTINGS);
        Chat gone = model.with("rope").withTemplate(dated).chat(ContextPolicy.UNLIMITED)) {
      gone.say("a message", options, _ -> {}, () -> false);
      gone.save(file);
      try (Chat back =
          model.with("rope").withTemplate(dated).restoreChat(file, ContextPolicy.UNLIMITED)) {
        back.say("another", options, _ -> {}, () -> false);
        assertThat(back.session().ids()).startsWith(gone.session().ids());
      }
      String saved = Files.readString(file);
      Files.writeString(file, saved.replaceAll("\"begun\":\"[0-9]{4}", "\"begun\":\"1999"));
      try (Chat back =
          model.with("rope").withTemplate(dated).restoreChat(file, ContextPolicy.UNLIMITED)) {
        back.say("another", options, _ -> {}, () -> false);
        assertThat(model.decode(back.session().ids(), true)).startsWith("1999");
      }
      Files.writeString(file, saved.replaceAll("\"begun\":\"[0-9]{4}", "\"begun\":\"long ago"));
      PositionedModel positioned = model.with("rope");
      assertThatThrownBy(() -> positioned.restoreChat(file, ContextPolicy.UNLIMITED))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("damaged", "long ago");
    }
  }

  @Test
  void aModelWithoutATokenizerSavesIds() throws IOException {
    Files.delete(folder.resolve("tokenizer.json"));
    Path text = folder.resolve("text.json");
    try (Model model = open(SETTINGS);
        Session gone = model.with("rope").session()) {
      generated(gone, ids(70), 2);
      gone.save(text);
      gone.saveState(file);
      try (Session back = model.with("rope").restore(file, ContextPolicy.UNLIMITED);
          Session again = model.with("rope").restore(text, ContextPolicy.UNLIMITED)) {
        assertThat(again.ids()).isEqualTo(gone.ids());
        assertSame(generated(back, new int[] {7}, 9), generated(gone, new int[] {7}, 9));
      }
    }
  }

  private void save() {
    try (Model model = open(SETTINGS);
        Session session = model.with("rope").session()) {
      generated(session, ids(80), 2);
      session.saveState(file);
    }
  }

  private void refused(ModelSettings settings, String method, String... why) {
    try (Model model = open(settings)) {
      PositionedModel positioned = model.with(method);
      assertThatThrownBy(() -> positioned.restore(file, ContextPolicy.UNLIMITED))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll(why)
          .hasMessageContaining("text.state"); // there may be many
    }
  }

  @Test
  void whatIsComputedOtherwiseIsRefused() throws IOException {
    save();
    refused(SETTINGS, "rerope:window=16", "position method", "rope", "rerope:window=16");
    refused(SETTINGS.withCacheType(CacheType.BF16), "rope", "type of cache", "F32", "BF16");
    refused(SETTINGS.withTrainedLength(64), "rope", "configuration");
    try (Model model = open(SETTINGS)) {
      PositionedModel positioned = model.with("rope");
      assertThatThrownBy(() -> positioned.restore(file, ContextPolicy.refuse(50)))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContainingAll("text.state", "82", "50");
    }
    byte[] weights = Files.readAllBytes(folder.resolve("tiny.bin"));
    weights[weights.length / 2] ^= 1;
    Files.write(folder.resolve("tiny.bin"), weights);
    refused(SETTINGS, "rope", "another model", "read the text again");
  }

  @Test
  void whatIsDamagedIsRefused() throws IOException {
    save();
    byte[] whole = Files.readAllBytes(file);
    for (int at : new int[] {9, 40, whole.length / 2, whole.length - 1}) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      Files.write(file, changed);
      refused(SETTINGS, "rope", "checksum");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 7));
    refused(SETTINGS, "rope", "checksum");
    Files.write(file, Arrays.copyOf(whole, 30));
    refused(SETTINGS, "rope", "too short");
    byte[] later = whole.clone();
    later[7] = '2';
    Files.write(file, later);
    refused(SETTINGS, "rope", "another version", "2");
    Files.delete(file);
    refused(SETTINGS, "rope", "text.state");
  }

  @Test
  void theEngineOfLibtorchSavesNothingAndSaysSo() {
    ModelSettings torch =
        new ModelSettings(
            SETTINGS.revision(),
            SETTINGS.trainedLength(),
            1,
            SETTINGS.arithmetic(),
            SETTINGS.repacked(),
            SETTINGS.activations(),
            SETTINGS.cacheType(),
            SETTINGS.device(),
            ModelSettings.Engine.TORCH);
    try (Model model = open(torch);
        Session session = model.with("rope").session()) {
      generated(session, ids(20), 2);
      assertThatThrownBy(() -> session.saveState(file))
          .isInstanceOf(LengthwiseException.class)
          .hasMessageContaining("vector engine");
      assertThat(file).doesNotExist();
    }
  }
}
