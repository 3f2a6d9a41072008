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

  private final Deque<RunningText> texts = new ArrayDeque<>();
  private final PromptCuts cuts;
  private final PrefixCache prefixes;
  private final Consumer<RunningText> drawing;

  /// @param prefixes gets begins that are of use to prompts to come
  /// @param drawing gets the texts that go on after their prompt
  PromptReading(PromptCuts cuts, PrefixCache prefixes, Consumer<RunningText> drawing) {
    this.cuts = cuts;
    this.prefixes = prefixes;
    this.drawing = drawing;
  }

  List<RunningText> texts() {
    return new ArrayList<>(texts);
  }

  /// Takes on a text, from the longest begin of its prompt that is kept.
  void add(RunningText text) {
    if (text.takesPrefixes()) {
      PrefixCache.Found found = prefixes.find(text.key());
      found.sequence().ifPresent(text::take);
      text.branchAt(found.branch());
    }
    texts.add(text);
  }

  void removeIf(Predicate<RunningText> condition) {
    texts.removeIf(condition);
  }

  /// Reads one chunk of the text whose turn it is.
  void readChunk() {
    RunningText text = next();
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
      return;
    } catch (Error e) {
      texts.add(text); // so that it is told with all others
      throw e;
    }
    if (text.isReading()) {
      texts.add(text);
      return;
    }
    for (RunningText other : texts.stream().filter(text::hasPromptOf).toList()) {
      texts.remove(other);
      begin(other, () -> other.take(text));
    }
    begin(text, () -> {});
  }

  // Those who wait for it go on from where it is, if that is all that they have in common.
  private void shareBegin(RunningText text) {
    for (RunningText other : texts) {
      if (other.takesPrefixes()
          && other.readTokens() < text.readTokens()
          && other.key().sharedCut(text.key(), cuts) == text.readTokens()) {
        other.take(text.sequence().fork());
      }
    }
  }

  // Texts take turns; one that has not begun waits for another that reads what both begin with.
  private @Nullable RunningText next() {
    for (int n = 0; n < texts.size(); n++) {
      RunningText text = texts.remove();
      if (!text.isUnread() || texts.stream().noneMatch(other -> readsFor(text, other))) {
        return text;
      }
      texts.add(text);
    }
    return null;
  }

  private boolean readsFor(RunningText text, RunningText other) {
    return !other.isUnread()
        && (text.hasPromptOf(other)
            || (text.takesPrefixes()
                && text.key().sharedCut(other.key(), cuts)
                    > Math.max(text.readTokens(), other.readTokens())));
  }

  private void begin(RunningText text, Runnable before) {
    try {
      before.run();
      if (text.begin()) {
        drawing.accept(text);
      } else {
        text.end(false);
      }
    } catch (RuntimeException e) {
      text.fail(e);
    } catch (Error e) {
      texts.add(text);
      throw e;
    }
  }
}
