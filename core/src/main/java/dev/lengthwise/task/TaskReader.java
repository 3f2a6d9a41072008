package dev.lengthwise.task;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.encode.PairText;
import dev.lengthwise.encode.TextIds;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.model.TaskHead;
import dev.lengthwise.tokenizer.TextPieces;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Makes of examples what an encoder reads.
///
/// Texts of a classification or a choice that are too long are cut, the longer one of a pair first,
/// or refused. What is read or tagged is never cut: it is read in windows that overlap.
public final class TaskReader {

  private final Tokenizer tokenizer;
  private final ModelSpec spec;
  private final TaskHead head;
  private final Limits limits;
  private final AtomicLong cut = new AtomicLong();

  /// How much is read at once.
  ///
  /// @param longest tokens of a text or a window, marks included
  /// @param stride tokens that neighbouring windows share at most
  /// @param cuts whether texts that are too long are cut, and not refused
  public record Limits(int longest, int stride, boolean cuts) {

    /// Checks the numbers.
    public Limits {
      if (longest < 3 || stride < 0) {
        throw new IllegalArgumentException(
            "a text has at least 3 tokens and a stride at least 0: %d, %d"
                .formatted(longest, stride));
      }
    }
  }

  /// A reader for an encoder with a head.
  public TaskReader(Tokenizer tokenizer, ModelSpec spec, Limits limits) {
    this.tokenizer = tokenizer;
    this.spec = spec;
    this.head = spec.task().orElseThrow();
    this.limits = limits;
  }

  /// Texts that were cut so far.
  public long cut() {
    return cut.get();
  }

  /// What the encoder reads of an example, with the answer where it is known.
  ///
  /// @throws LengthwiseException of a text that is too long, or an answer that the model cannot
  ///     give
  public TaskInput input(TaskExample example) {
    return switch (example) {
      case TaskExample.Classified own -> {
        WholeText text =
            own.pair().isPresent()
                ? pair(own.text(), own.pair().get(), own.place())
                : single(own.text(), own.place());
        yield new TaskInput(
            List.of(text),
            own.label()
                .map(label -> TaskLabels.index(head.labels(), label, own.place()))
                .map(label -> List.of(new long[] {label}))
                .orElse(List.of()));
      }
      case TaskExample.Choice own ->
          new TaskInput(
              own.choices().stream().map(one -> pair(own.text(), one, own.place())).toList(),
              own.answer().isPresent() ? List.of(new long[] {own.answer().getAsInt()}) : List.of());
      case TaskExample.Question own -> {
        Passages passages = passages(own);
        yield new TaskInput(passages.texts(), own.isLabelled() ? spans(own, passages) : List.of());
      }
      case TaskExample.Tagged own -> {
        Passages passages = passages(own);
        yield new TaskInput(
            passages.texts(),
            own.tags().map(tags -> tagged(own, tags, passages)).orElse(List.of()));
      }
    };
  }

  private WholeText single(String text, String place) {
    int[] ids = tokenizer.encodeWhole(text);
    if (ids.length == 0) {
      throw new LengthwiseException(place + " has a text without tokens; leave it out.");
    }
    allow(ids.length, place);
    return new WholeText(TextIds.cut(tokenizer, text, limits.longest));
  }

  private WholeText pair(String first, String second, String place) {
    WholeText whole = PairText.of(tokenizer, spec, first, second, Integer.MAX_VALUE);
    allow(whole.length(), place);
    return whole.length() <= limits.longest
        ? whole
        : PairText.of(tokenizer, spec, first, second, limits.longest);
  }

  private void allow(int tokens, String place) {
    if (tokens <= limits.longest) {
      return;
    }
    if (!limits.cuts) {
      throw new LengthwiseException(
          "%s has a text of %d tokens, and the encoder reads %d; cut it, or choose a method that reaches further."
              .formatted(place, tokens, limits.longest));
    }
    cut.incrementAndGet();
  }

  // ---- windows

  /// The windows of a question's context: `begin Q end C end`.
  Passages passages(TaskExample.Question example) {
    WholeText empty = PairText.of(tokenizer, spec, example.question(), "", Integer.MAX_VALUE);
    int[] ids = empty.ids();
    int[] before = Arrays.copyOf(ids, ids.length - 1);
    if (2 * ids.length > limits.longest) {
      throw new LengthwiseException(
          "%s has a question of %d tokens with its marks, more than half of the %d that the encoder reads; shorten it, or read further at once."
              .formatted(example.place(), ids.length, limits.longest));
    }
    int type = spec.embedding().types() > 1 ? 1 : 0;
    int[] after = {ids[ids.length - 1]};
    return windows(example.context(), before, after, type);
  }

  /// The windows of a text whose words have tags.
  Passages passages(TaskExample.Tagged example) {
    int[] before =
        tokenizer.addsBeginOfText() ? tokenizer.beginOfText().stream().toArray() : new int[0];
    int[] after = tokenizer.addsEndOfText() ? tokenizer.endOfText().stream().toArray() : new int[0];
    return windows(example.text(), before, after, 0);
  }

  private Passages windows(String text, int[] before, int[] after, int type) {
    TextPieces pieces = tokenizer.pieces(text);
    int room = limits.longest - before.length - after.length;
    int stride = Math.min(limits.stride, room / 2);
    return Passages.of(pieces, before, after, type, room, stride);
  }

  // The first answer counts, as in the recipe of BERT; a window without it answers with its first
  // token.
  private static List<long[]> spans(TaskExample.Question example, Passages passages) {
    List<long[]> wanted = new ArrayList<>();
    for (Passages.Window window : passages.windows()) {
      long[] span = {0, 0};
      if (!example.answers().isEmpty()) {
        TaskExample.Answer answer = example.answers().getFirst();
        int first = firstPiece(passages.pieces(), answer.start());
        int last = lastPiece(passages.pieces(), answer.end());
        if (first <= last && window.holds(first) && window.holds(last)) {
          span = new long[] {window.rowOf(first), window.rowOf(last)};
        }
      }
      wanted.add(span);
    }
    return wanted;
  }

  // The first piece that reaches beyond a character.
  private static int firstPiece(TextPieces pieces, int start) {
    int piece = 0;
    while (piece < pieces.count() && pieces.ends()[piece] <= start) {
      piece++;
    }
    return piece;
  }

  private static int lastPiece(TextPieces pieces, int end) {
    int piece = pieces.count() - 1;
    while (piece >= 0 && pieces.starts()[piece] >= end) {
      piece--;
    }
    return piece;
  }

  private List<long[]> tagged(TaskExample.Tagged example, List<String> tags, Passages passages) {
    int[] firsts = firstPieces(example, passages.pieces());
    if (Arrays.stream(firsts).allMatch(piece -> piece < 0)) {
      throw new LengthwiseException(
          "%s has no word that the tokenizer knows a piece of, so there is no tag to learn; leave it out."
              .formatted(example.place()));
    }
    List<long[]> wanted = new ArrayList<>();
    for (Passages.Window window : passages.windows()) {
      long[] own = new long[window.text().length()];
      Arrays.fill(own, TaskInput.NOTHING);
      for (int word = 0; word < firsts.length; word++) {
        if (firsts[word] >= 0 && window.holds(firsts[word])) {
          own[window.rowOf(firsts[word])] =
              TaskLabels.index(head.labels(), tags.get(word), example.place());
        }
      }
      wanted.add(own);
    }
    return wanted;
  }

  /// The first piece of each word; -1 of a word that the tokenizer leaves out.
  static int[] firstPieces(TaskExample.Tagged example, TextPieces pieces) {
    int[] firsts = new int[example.words().size()];
    int piece = 0;
    for (int word = 0; word < firsts.length; word++) {
      TaskExample.Span span = example.words().get(word);
      while (piece < pieces.count() && pieces.ends()[piece] <= span.start()) {
        piece++;
      }
      boolean found = piece < pieces.count() && pieces.starts()[piece] < span.end();
      firsts[word] = found ? piece : -1;
    }
    return firsts;
  }
}
