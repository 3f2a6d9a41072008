package dev.lengthwise.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.app.TinyModel;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.generate.MemoryPlanner;
import dev.lengthwise.model.WeightMemory;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.PlannedModel;
import dev.lengthwise.torch.ComputeDevice;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ServerMemoryTest {

  private static final long MIB = 1L << 20;
  private static final MemoryPlanner PLANNER = planner(CacheType.F32);

  private static MemoryPlanner planner(CacheType type) {
    PlannedModel planned =
        PlannedModel.read(Path.of(TinyModel.shared("stories260K")), ModelSettings.DEFAULT);
    return planned.planner(planned.plans("rope", OptionalLong.empty()), type, 512);
  }

  private static ServerMemory memory(int tokens, int texts, long cache, long prefixes) {
    return new ServerMemory(PLANNER, tokens, texts, cache, prefixes);
  }

  private static ServerMemory usual(long mostCache) {
    return memory(4096, 8, mostCache, 512 * MIB);
  }

  /// stories260K: 5 layers with 4 key heads of 8 channels, which are kept in rows of 16 and 8.
  @Test
  void allTextsTogetherAreCounted() {
    String text = usual(Long.MAX_VALUE).text(16L << 30);

    assertThat(text)
        .contains(
            "8 texts of 4096 tokens under rope at most 60.0 MiB (f32)", "prompts at most 512.0 MiB")
        .endsWith("of 16.00 GiB.");
    assertThat(usual(10 * MIB).text(16L << 30)).contains("at most 10.0 MiB (f32)");
  }

  @Test
  void ofAGpuOnlyTheNeedIsKnown() {
    assertThat(usual(Long.MAX_VALUE).text(ComputeDevice.of("cuda:1")))
        .endsWith(", most of it on cuda:1.");
  }

  @Test
  void aTextThatIsAlwaysRefusedIsTold() {
    assertThat(usual(5 * MIB).text(16L << 30))
        .endsWith(
            "A text of 4096 tokens is refused: alone it takes 7.5 MiB, more than --cache-memory.");
  }

  @Test
  void moreTextsThanANumberHasRoomForDoNotFit() {
    assertThat(memory(1 << 30, 1 << 30, Long.MAX_VALUE, 0).fits(1L << 50)).isFalse();
  }

  // Whoever follows the advice gets a server that fits, and not a much smaller one than could be.
  @Test
  void whatIsAdvisedFits() {
    long rest = PLANNER.at(4096).total() - PLANNER.at(4096).cache();

    long most = rest + 532 * MIB;
    assertThat(usual(Long.MAX_VALUE).text(most)).contains("It does with --cache-memory 20M: ");
    assertThat(memory(4096, 8, 20 * MIB, 512 * MIB).fits(most)).isTrue();

    long fewer = rest + 512 * MIB;
    assertThat(usual(Long.MAX_VALUE).text(fewer))
        .contains("It does with --cache-memory 512M --prefix-cache off: ");
    assertThat(memory(4096, 8, 512 * MIB, 0).fits(fewer)).isTrue();

    long one = rest + 5 * MIB;
    Matcher size =
        Pattern.compile(".* One does with --parallel 1 --prefix-cache off --ctx-size (\\d+), a .*")
            .matcher(usual(Long.MAX_VALUE).text(one));
    assertThat(size.matches()).isTrue();
    int longest = Integer.parseInt(size.group(1));
    assertThat(longest).isBetween(1024, 4095);
    assertThat(memory(longest, 1, Long.MAX_VALUE, 0).fits(one)).isTrue();
  }

  @Test
  void advisedIsNoTypeOfCacheThatIsThere() {
    MemoryPlanner small = planner(CacheType.BF16);
    long machine = small.at(1024).total();
    assertThat(new ServerMemory(small, 4096, 8, Long.MAX_VALUE, 0).text(machine))
        .endsWith("--ctx-size 1024.");
  }

  @Test
  void copiesOfWeightsCanBeLeftOut() {
    MemoryPlanner copied =
        new MemoryPlanner(
            PLANNER.spec(),
            PLANNER.plans(),
            PLANNER.engine(),
            CacheType.F32,
            512,
            new WeightMemory(600 * MIB, 0, 500 * MIB));
    assertThat(new ServerMemory(copied, 4096, 8, Long.MAX_VALUE, 0).text(1200 * MIB))
        .contains("With --repack off weights take 500.0 MiB less");
  }

  @Test
  void whereNoTokenFitsTheModelIsTooLarge() {
    assertThat(usual(Long.MAX_VALUE).text(1000)).endsWith("or one in fewer bits.");
  }
}
