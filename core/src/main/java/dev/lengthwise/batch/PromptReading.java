package dev.lengthwise.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The texts whose prompts are being read, which take turns by chunks. For the thread of a
/// scheduler alone.
///
/// What prompts begin with in common is read by one of them: the others wait, and go on from what
/// it has read.
final class PromptReading {

  private final Deque<BatchedText> texts = new ArrayDeque<>();
  private final PromptCuts cuts;
  private final PrefixCache prefixes;
  private final Consumer<BatchedText> drawing;

  /// @param prefixes gets begins that are of use to prompts to come
  /// @param drawing gets the texts that go on after their prompt
  PromptReading(PromptCuts cuts, PrefixCache prefixes, Consumer<BatchedText> drawing) {
    this.cuts = cuts;
    this.prefixes = prefixes;
    this.drawing = drawing;
  }

  List<BatchedText> texts() {
    return new ArrayList<>(texts);
  }

  /// Takes on a text, from the longest begin of its prompt that is kept.
  void add(BatchedText text) {
    if (text.takesPrefixes()) {
      PrefixCache.Found found = prefixes.find(text.key());
      found.sequence().ifPresent(text::take);
      text.branchAt(found.branch());
    }
    texts.add(text);
  }

  void removeIf(Predicate<BatchedText> condition) {
    texts.removeIf(condition);
  }

  /// Reads one chunk of the text whose turn it is. A text stays here until it has been told what
  /// became of it, so that an error of the machine is told to all of them.
  void readChunk() {
    BatchedText text = next();
    if (text == null) {
      return;
    }
    try {
      text.read(cuts);
      if (text.isWorthKeeping(cuts)) {
        prefixes.keep(text.key(), text.sequence());
      }
      shareBegin(text);
    } catch (RuntimeException e) {
      text.fail(e);
      texts.remove(text);
      return;
    }
    if (!text.isReading()) {
      for (BatchedText other : texts.stream().filter(text::hasPromptOf).toList()) {
        if (other != text) {
          begin(other, () -> other.take(text));
        }
      }
      begin(text, () -> {});
    }
  }

  // Those who wait for it go on from where it is, if that is all that they have in common.
  private void shareBegin(BatchedText text) {
    for (BatchedText other : texts) {
      if (other.takesPrefixes()
          && other.readTokens() < text.readTokens()
          && other.key().sharedCut(text.key(), cuts) == text.readTokens()) {
        other.take(text.sequence().fork());
      }
    }
  }

  // Texts take turns; one that has not begun waits for another that reads what both begin with.
  private @Nullable BatchedText next() {
    for (int n = 0; n < texts.size(); n++) {
      BatchedText text = texts.remove();
      texts.add(text);
      if (!text.isUnread() || texts.stream().noneMatch(other -> readsFor(text, other))) {
        return text;
      }
    }
    return null;
  }

  private boolean readsFor(BatchedText text, BatchedText other) {
    return !other.isUnread()
        && (text.hasPromptOf(other)
            || (text.takesPrefixes()
                && text.key().sharedCut(other.key(), cuts)
                    > Math.max(text.readTokens(), other.readTokens())));
  }

  private void begin(BatchedText text, Runnable before) {
    try {
      before.run();
      if (text.begin()) {
        drawing.accept(text);
      } else {
        text.end(false);
      }
    } catch (RuntimeException e) {
      text.fail(e);
    }
    texts.remove(text);
  }
}
