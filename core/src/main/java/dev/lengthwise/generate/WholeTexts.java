package dev.lengthwise.generate;

import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.recurrence.ComplexTensor;
import dev.lengthwise.recurrence.LinearScan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Whole texts side by side in one row of tokens, without padding: each sees itself alone.
/// Neighbours of one length attend in one call.
final class WholeTexts implements LayerAttention {

  private final InferenceModel model;
  private final List<WholeText> texts;
  private final List<Run> runs = new ArrayList<>();

  /// Neighbouring texts of one length.
  ///
  /// @param start token of the row that is the first of them
  private record Run(int start, int count, int length) {

    int tokens() {
      return count * length;
    }

    // [1, all, heads, size] → [count, length, heads, size]
    Tensor of(Tensor all) {
      return all.narrow(1, start, tokens()).reshape(count, length, all.size(2), all.size(3));
    }
  }

  WholeTexts(InferenceModel model, List<WholeText> texts) {
    this.model = model;
    this.texts = texts;
    int start = 0;
    for (int text = 0; text < texts.size(); ) {
      int length = texts.get(text).length();
      int count = 1;
      while (text + count < texts.size() && texts.get(text + count).length() == length) {
        count++;
      }
      Run run = new Run(start, count, length);
      runs.add(run);
      start += run.tokens();
      text += count;
    }
  }

  @Override
  public Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values) {
    TensorVector attended = new TensorVector();
    for (Run run : runs) {
      Tensor own =
          model
              .engine()
              .attend(
                  model.plan(layer, run.length),
                  new QueryRows(run.of(queries), 0),
                  KeyValueRows.fromStart(run.of(keys), run.of(values)));
      attended.push_back(own.reshape(1, run.tokens(), own.size(2), own.size(3)));
    }
    return runs.size() == 1 ? attended.get(0) : torch.cat(attended, 1);
  }

  @Override
  public long[] places(int tokens) {
    return texts.stream().flatMapToLong(text -> LongStream.range(0, text.length())).toArray();
  }

  @Override
  public long[] types(int tokens) {
    return texts.stream().flatMapToInt(text -> IntStream.of(text.types())).asLongStream().toArray();
  }

  @Override
  public ComplexTensor recur(int layer, ComplexTensor inputs, ComplexTensor decay) {
    @Nullable ComplexTensor all = null;
    int start = 0;
    for (WholeText text : texts) {
      ComplexTensor states = LinearScan.states(inputs.narrow(1, start, text.length()), decay, null);
      all = all == null ? states : all.followedBy(states, 1);
      start += text.length();
    }
    return Objects.requireNonNull(all);
  }
}
