package dev.lengthwise.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lengthwise.family.FileTensor.RowsOfWeight;
import dev.lengthwise.method.Rope;
import dev.lengthwise.model.Architecture;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.Slot;
import dev.lengthwise.model.WeightId;
import dev.lengthwise.position.ModelShape;
import org.junit.jupiter.api.Test;

/// Which rows of a file are those of a weight.
class ChannelOrderTest {

  private static final ModelSpec SPEC =
      Architecture.LLAMA.model(
          "tiny",
          new Architecture.Sizes(10, 12, 8, 1e-5, true),
          new ModelShape(1, 2, 1, 6, 4, 10_000, 16),
          new Rope());

  private static RowsOfWeight rows(FileFormat format, Slot slot) {
    WeightId id = WeightId.of(0, slot);
    return new FileTensors(SPEC, format).holding(id, _ -> false).rowsOf(id);
  }

  @Test
  void neighboursOfEachHeadAreTakenApartAndOtherChannelsStay() {
    FileFormat format = FileFormat.gguf("tiny", Names.GGUF).withInterleavedPairs();
    assertThat(rows(format, Slot.QUERY).order())
        .containsExactly(0, 2, 1, 3, 4, 5, 6, 8, 7, 9, 10, 11);
    assertThat(rows(format, Slot.VALUE).order()).isNull();
  }

  @Test
  void joinedRowsFollowOneAnother() {
    FileFormat format = FileFormat.gguf("tiny", Names.GGUF.replacing(joined()));
    assertThat(rows(format, Slot.KEY).first()).isEqualTo(12);
    assertThat(rows(format, Slot.VALUE).first()).isEqualTo(18);
    assertThat(rows(format, Slot.VALUE).order()).isNull();
  }

  @Test
  void groupsHoldTheirQueriesKeyAndValue() {
    NameRow row = joined().arranged(NameRow.Arrangement.BY_GROUP);
    FileFormat format = FileFormat.gguf("tiny", Names.GGUF.replacing(row));
    assertThat(rows(format, Slot.QUERY).order())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(rows(format, Slot.KEY).order()).containsExactly(12, 13, 14, 15, 16, 17);
  }

  private static NameRow joined() {
    return NameRow.of("blk.%l.attn_qkv", Slot.QUERY, Slot.KEY, Slot.VALUE);
  }
}
