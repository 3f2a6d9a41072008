package dev.lengthwise.batch;

import dev.lengthwise.generate.Logits;
import dev.lengthwise.generate.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// The texts whose prompts have been read: each gets one token in a round. For the thread of a
/// scheduler alone.
final class TokenRounds {

  private final List<BatchedText> texts = new ArrayList<>();

  List<BatchedText> texts() {
    return List.copyOf(texts);
  }

  void add(BatchedText text) {
    texts.add(text);
  }

  void removeIf(Predicate<BatchedText> condition) {
    texts.removeIf(condition);
  }

  /// Draws a token of every text, in one pass of the model.
  void draw() {
    if (texts.isEmpty()) {
      return;
    }
    List<BatchedText> all = List.copyOf(texts);
    float[][] logits;
    try {
      logits = step(all);
    } catch (RuntimeException e) {
      all.forEach(text -> text.fail(e)); // nobody knows how far each has come
      texts.clear();
      return;
    }
    for (int n = 0; n < logits.length; n++) {
      draw(all.get(n), logits[n]);
    }
  }

  // → [texts, vocabulary]
  private static float[][] step(List<BatchedText> texts) {
    List<Sequence> sequences = texts.stream().map(BatchedText::sequence).toList();
    int[] ids = texts.stream().mapToInt(BatchedText::lastToken).toArray();
    float[][] logits = new float[ids.length][];
    try (PointerScope _ = new PointerScope()) {
      Tensor rows = sequences.getFirst().inference().decode(sequences, ids);
      for (int text = 0; text < ids.length; text++) {
        logits[text] = Logits.toArray(rows.select(0, text));
      }
    }
    return logits;
  }

  private void draw(BatchedText text, float[] logits) {
    try {
      if (!text.draw(logits)) {
        texts.remove(text);
        text.end(false);
      }
    } catch (RuntimeException e) {
      texts.remove(text);
      text.fail(e);
    }
  }
}
