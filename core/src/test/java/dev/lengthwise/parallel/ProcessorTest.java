package dev.lengthwise.parallel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProcessorTest {

  @ParameterizedTest
  @CsvSource({
    "flags           : fpu avx2 avx512f avx512_bf16 avx512_vnni, true",
    "flags           : fpu avx2 amx_bf16 amx_tile, true",
    "Features        : fp asimd bf16 i8mm, true",
    "flags           : fpu avx2 avx512f avx512_vnni, false",
    "bugs            : avx512_bf16, false",
  })
  void bfloat16NeedsItsInstructions(String line, boolean expected) {
    List<String> lines = List.of("processor\t: 0", line, "");
    assertThat(Processor.multipliesBfloat16(lines)).isEqualTo(expected);
  }
}
