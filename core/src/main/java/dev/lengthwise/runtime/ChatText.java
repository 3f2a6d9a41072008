package dev.lengthwise.runtime;

import dev.lengthwise.chat.ChatTokens;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.tokenizer.Tokenizer;
import java.util.Optional;

/// A conversation as a running text: of each turn only what is new is read.
///
/// Where a template puts a control token behind an answer, the answer stays as the tokens that were
/// generated. Otherwise, and where a template rewrites an answer (many take away what it thought),
/// the conversation is tokenised as a whole, and what its ids have in common with those of before
/// stays read.
public final class ChatText {

  private final RunningText text;
  private Optional<Known> known;

  /// What the text is.
  ///
  /// @param rendering up to the begin of the answer
  /// @param answer as it was generated
  /// @param length tokens of both
  public record Known(Rendering rendering, String answer, int length) {}

  /// A conversation in a text.
  ///
  /// @param known what the text is, where that is known
  public ChatText(RunningText text, Optional<Known> known) {
    this.text = text;
    this.known = known;
  }

  /// The same conversation in a copy of the text.
  public ChatText of(RunningText copy) {
    return new ChatText(copy, known);
  }

  /// What the text is, where that is known.
  public Optional<Known> known() {
    return known;
  }

  /// What the text will be, before anything is changed.
  ///
  /// @param conversation up to where the model speaks
  /// @param keeps tokens that stay as they are, whatever the ids of the conversation are
  /// @param ids what comes behind them
  public record Next(Rendering conversation, int keeps, int[] ids) {

    /// Number of tokens.
    public int length() {
      return keeps + ids.length;
    }
  }

  /// What the text will be.
  ///
  /// @param conversation up to where the model speaks
  public Next next(Rendering conversation, Tokenizer tokenizer) {
    return known
        .filter(last -> last.length() == text.length())
        .flatMap(last -> behindAnswer(conversation, last, tokenizer))
        .map(conversation::from)
        .map(rest -> new Next(conversation, text.length(), ChatTokens.encode(rest, tokenizer)))
        .orElseGet(() -> new Next(conversation, 0, ChatTokens.encode(conversation, tokenizer)));
  }

  /// Makes the text that of a conversation.
  ///
  /// @param history the same without the begin of the answer: what surely stays
  /// @return tokens that had been read and stay
  public int become(Next next, Rendering history, Tokenizer tokenizer) {
    int kept;
    if (next.keeps() > 0) {
      kept = text.read();
      text.append(next.ids());
    } else {
      kept = text.become(next.ids());
    }
    text.markEnd(tokensOfBegin(next.conversation(), history, tokenizer));
    known = Optional.of(new Known(next.conversation(), "", text.length()));
    return kept;
  }

  // Where the conversation goes on behind the last answer, if the template left all before alone
  // and a control token follows, so that no token lies across.
  private static Optional<Integer> behindAnswer(
      Rendering conversation, Known last, Tokenizer tokenizer) {
    int begin = last.rendering().text().length();
    int end = begin + last.answer().length();
    boolean same =
        conversation.startsWith(last.rendering())
            && conversation.text().startsWith(last.answer(), begin)
            && isData(conversation, begin, end)
            && beginsWithControlToken(conversation.from(end), tokenizer);
    return same ? Optional.of(end) : Optional.empty();
  }

  // Whatever the template itself wrote of an answer is white space, in which no control token
  // hides.
  private static boolean isData(Rendering rendering, int begin, int end) {
    for (int at = begin; at < end; at++) {
      if (rendering.isOwn(at, at + 1) && !Character.isWhitespace(rendering.text().charAt(at))) {
        return false;
      }
    }
    return true;
  }

  private static boolean beginsWithControlToken(Rendering rest, Tokenizer tokenizer) {
    return tokenizer.controlTokens().keySet().stream()
        .anyMatch(
            name ->
                !name.isEmpty() && rest.text().startsWith(name) && rest.isOwn(0, name.length()));
  }

  private static int tokensOfBegin(Rendering conversation, Rendering history, Tokenizer tokenizer) {
    if (!conversation.startsWith(history)) {
      return 0;
    }
    Rendering begin = conversation.from(history.text().length());
    return beginsWithControlToken(begin, tokenizer)
        ? ChatTokens.encode(begin, tokenizer).length
        : 0;
  }

  /// Says what the model answered to the conversation that the text has become.
  ///
  /// Tokens of a stop string belong to the text and not to the answer: then ids decide what stays.
  public void answered(GenerationResult result) {
    known =
        known
            .filter(_ -> result.reason() != GenerationResult.Reason.STOP)
            .map(last -> new Known(last.rendering(), result.text(), text.length()));
  }
}
