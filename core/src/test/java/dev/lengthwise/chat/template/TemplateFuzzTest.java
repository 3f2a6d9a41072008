package dev.lengthwise.chat.template;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.chat.template.Witnesses.Witness;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/// Damaged templates give a text or a sentence, soon and in little memory. `-Dfuzz=N` tries N.
class TemplateFuzzTest {

  private static final int TRIES = Integer.getInteger("fuzz", 1000);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  /// All that a rendering may make, of which it holds at most [Budget#BYTES_OF_UNIT] for each unit.
  private static final long MOST_BYTES = 1L << 30;

  /// What is put into templates: all that means something, and numbers that are too large.
  private static final List<String> PIECES =
      List.of(
          "{{",
          "}}",
          "{%",
          "%}",
          "{#",
          "#}",
          "-",
          "+",
          "*",
          "**",
          "//",
          "%",
          "~",
          "(",
          ")",
          "[",
          "]",
          "{",
          "}",
          "'",
          "\"",
          "\\",
          ".",
          ":",
          ",",
          "|",
          "=",
          "==",
          "<",
          " in ",
          " not ",
          " is ",
          " if ",
          " else ",
          " and ",
          " or ",
          " for ",
          "{% for i in range(99999) %}",
          "{% endfor %}",
          "{% if x %}",
          "{% endif %}",
          "{% raw %}",
          "{% set x = x ~ x %}",
          "{% macro f() %}{{ f() }}{% endmacro %}",
          "99999999999",
          "1e308",
          "* 99999",
          "|tojson",
          "|join(messages)",
          "[::-1]",
          ".split('')",
          "\n",
          "\r\n",
          "\0",
          "😀",
          "none",
          "loop(x)",
          "|map('map', 'list')",
          "|list",
          "|indent(9999)",
          ".replace('', s)",
          "namespace()");

  @Test
  void templatesWithDamagedCharactersGiveATextOrASentence() throws IOException {
    tryAll(TemplateFuzzTest::mutated);
  }

  @Test
  void templatesOfOtherStructureGiveATextOrASentence() throws IOException {
    tryAll(
        (source, seeds, random) ->
            new TemplateMutator(random)
                .mutate(source, seeds.stream().map(Witness::template).toList()));
  }

  /// Makes another template of one.
  private interface Mutation {
    String of(String source, List<Witness> seeds, SplittableRandom random);
  }

  private static void tryAll(Mutation mutation) throws IOException {
    List<Witness> seeds = new ArrayList<>(Witnesses.snippets());
    Witnesses.models().ifPresent(seeds::addAll);
    SplittableRandom random = new SplittableRandom(Long.getLong("fuzz.seed", 1));
    int texts = 0;
    for (int i = 0; i < TRIES; i++) {
      Witness seed = seeds.get(random.nextInt(seeds.size()));
      String source = mutation.of(seed.template(), seeds, random);
      boolean printed =
          Assertions.assertTimeoutPreemptively(LONGEST, () -> prints(source, seed), source);
      texts += printed ? 1 : 0;
    }
    assertThat(texts).as("some still print").isBetween(TRIES / 20, TRIES);
  }

  private static boolean prints(String source, Witness seed) {
    TemplateData data = Witnesses.data(seed.data());
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      Template.parse("t", source).render(data, Witnesses.CLOCK);
      return true;
    } catch (LengthwiseException e) {
      assertThat(e.getMessage()).as(source).startsWith("The chat template t ").endsWith(".");
      return false;
    } finally {
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(bytes).as(source).isLessThan(MOST_BYTES);
    }
  }

  private static String mutated(String source, List<Witness> seeds, SplittableRandom random) {
    StringBuilder text = new StringBuilder(source);
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(text.length() + 1);
      int end = Math.min(text.length(), at + random.nextInt(12));
      switch (random.nextInt(5)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        case 2 -> text.insert(at, text.substring(at, end));
        case 3 -> {
          String other = seeds.get(random.nextInt(seeds.size())).template();
          int from = random.nextInt(other.length() + 1);
          text.insert(at, other, from, Math.min(other.length(), from + random.nextInt(40)));
        }
        default -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
      }
    }
    return text.toString();
  }
}
