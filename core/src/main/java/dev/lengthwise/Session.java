package dev.lengthwise;

import dev.lengthwise.chat.ChatTemplate;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import dev.lengthwise.generate.Sampling;
import dev.lengthwise.runtime.ChatText;
import dev.lengthwise.runtime.RunningText;
import dev.lengthwise.runtime.SavedChat;
import dev.lengthwise.runtime.SavedText;
import dev.lengthwise.runtime.StateFile;
import dev.lengthwise.runtime.StateOrigin;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// One text on its way through a model, under one position method: each call goes on with it.
///
/// For one thread at a time; sessions of one model run side by side. Holds native memory until it
/// is closed; after that its methods throw an [IllegalStateException], but for [#length], [#ids]
/// and [#method].
public final class Session implements AutoCloseable {

  /// Most tokens of a generation where nothing else is said.
  public static final int TOKENS = 256;

  private final Model model;
  private final ContextPolicy policy;
  private final RunningText text;
  private final ChatText conversation;
  private final Clock clock;
  private PositionedModel positioned;
  private boolean closed;

  /// @param clock what chat templates may print the date of
  Session(PositionedModel positioned, RunningText text, ContextPolicy policy, Clock clock) {
    this(positioned, text, policy, clock, new ChatText(text, Optional.empty()));
  }

  /// @param conversation what the text stands for
  Session(
      PositionedModel positioned,
      RunningText text,
      ContextPolicy policy,
      Clock clock,
      ChatText conversation) {
    this.model = positioned.model();
    this.policy = policy;
    this.text = text;
    this.conversation = conversation;
    this.clock = clock;
    this.positioned = positioned;
  }

  /// Adds a text and continues it, with at most [#TOKENS] tokens.
  ///
  /// @param prompt what comes next in the text; empty to go on as it is
  /// @param sampling how tokens are drawn, such as [Sampling#GREEDY]
  /// @param sink gets each piece of what is generated as soon as its characters are complete
  /// @throws LengthwiseException when the text has more tokens than the limit of the session, or
  ///     when there is nothing to go on from
  public GenerationResult generate(String prompt, Sampling sampling, Consumer<String> sink) {
    return generate(prompt, GenerationOptions.of(sampling, TOKENS), sink);
  }

  /// Adds a text and continues it to the end that the options name.
  ///
  /// @param prompt what comes next in the text; empty to go on as it is
  /// @param sink gets each piece of what is generated as soon as its characters are complete
  /// @throws LengthwiseException when the text has more tokens than the limit of the session, or
  ///     when there is nothing to go on from
  public GenerationResult generate(
      String prompt, GenerationOptions options, Consumer<String> sink) {
    return generate(prompt, options, sink, () -> false);
  }

  /// Adds a text and continues it.
  ///
  /// What is generated belongs to the text, tokens of a stop string included.
  ///
  /// @param prompt what comes next in the text; empty to go on as it is
  /// @param sink gets each piece of what is generated as soon as its characters are complete
  /// @param cancelled ends the generation, such as a [CancelToken]
  /// @throws LengthwiseException when the text has more tokens than the limit of the session, or
  ///     when there is nothing to go on from
  public GenerationResult generate(
      String prompt, GenerationOptions options, Consumer<String> sink, BooleanSupplier cancelled) {
    int[] ids = tokens(prompt);
    if (text.length() == 0 && ids.length == 0) {
      throw new LengthwiseException(
          "The prompt is empty and this model has no begin-of-text token; give a text");
    }
    return generate(ids, options, sink, cancelled);
  }

  /// Adds tokens and continues the text.
  ///
  /// @param ids what comes next in the text, used exactly as given
  /// @throws LengthwiseException when the text has more tokens than the limit of the session, or
  ///     when the model has no such token
  /// @throws IllegalArgumentException when there is nothing to go on from
  public GenerationResult generate(
      int[] ids, GenerationOptions options, Consumer<String> sink, BooleanSupplier cancelled) {
    append(ids);
    return goOn(options, sink, cancelled);
  }

  /// Adds a text, to be read with the next generation.
  ///
  /// @throws LengthwiseException when the text then has more tokens than the limit of the session
  public void append(String more) {
    append(tokens(more));
  }

  // The begin of a text has the mark of it, where the model is used to one.
  private int[] tokens(String more) {
    return text.length() == 0
        ? model.tokenizer().encodePrompt(more)
        : model.tokenizer().encode(more);
  }

  private void append(int[] ids) {
    requireRoom(text.length() + ids.length);
    open().append(ids);
  }

  private GenerationResult goOn(
      GenerationOptions options, Consumer<String> sink, BooleanSupplier cancelled) {
    OptionalInt limit = policy.limit();
    GenerationOptions bounded =
        limit.isPresent() ? options.atMost(limit.getAsInt() - text.length()) : options;
    return model.running(() -> open().generate(model.generator(), bounded, sink, cancelled));
  }

  private void requireRoom(int tokens) {
    requireRoom("The text", tokens, policy);
  }

  private static void requireRoom(String text, int tokens, ContextPolicy policy) {
    policy
        .limit()
        .ifPresent(
            limit -> {
              if (tokens > limit) {
                throw new LengthwiseException(
                    "%s has %d tokens, more than the limit of %d; shorten it or raise the limit"
                        .formatted(text, tokens, limit));
              }
            });
  }

  /// Answers a conversation. What the text of this session has in common with it is not read again,
  /// so that each turn of a growing conversation costs its own tokens only.
  ///
  /// Control tokens are those that the template writes; their names in messages are text.
  ///
  /// @param wanted all messages so far, the last one what is to be answered
  /// @param sink gets each piece of the answer as soon as its characters are complete
  /// @param cancelled ends the answer, such as a [CancelToken]
  /// @throws LengthwiseException when the model has no chat template, or it refuses these messages,
  ///     or when they have more tokens than the limit of the session
  public ChatReply chat(
      Conversation wanted,
      GenerationOptions options,
      Consumer<String> sink,
      BooleanSupplier cancelled) {
    Conversation left = wanted.withDefaults().withGenerationPrompt(true);
    ChatTemplate template = positioned.template(left);
    int all = left.size();
    ChatText.Next next = next(template, left);
    while (policy instanceof ContextPolicy.DropOldestTurns(int limit)
        && next.length() > limit - room(options, limit)) {
      Conversation fewer = left.withoutOldestTurn();
      if (fewer.size() == left.size()) {
        break; // the last turn alone has more tokens
      }
      left = fewer;
      next = next(template, left);
    }
    if (next.length() == 0) {
      throw new LengthwiseException(
          "The chat template makes no text of the conversation; give another one");
    }
    requireRoom(next.length());
    Rendering history = template.render(left.withGenerationPrompt(false), clock);
    open();
    int kept = conversation.become(next, history, model.tokenizer());
    int prompt = text.length();
    GenerationResult result = goOn(options, sink, cancelled);
    conversation.answered(result);
    return new ChatReply(result, prompt, kept, all - left.size());
  }

  private ChatText.Next next(ChatTemplate template, Conversation messages) {
    return conversation.next(template.render(messages, clock), model.tokenizer());
  }

  // Room for an answer: a short one whole, of the limit a quarter at most.
  private static int room(GenerationOptions options, int limit) {
    return Math.min(options.predict(), limit / 4);
  }

  /// Number of tokens of the text so far.
  public int length() {
    return text.length();
  }

  /// The tokens of the text so far.
  public int[] ids() {
    return text.ids();
  }

  /// The position method, with all of its parameters.
  public String method() {
    return positioned.method();
  }

  /// What is held of the text, and why not more.
  public ContextReport context() {
    return ContextReport.of(positioned, open(), policy);
  }

  /// Goes back to the first `length` tokens. Where the method has dropped what came before them,
  /// they are read again with the next generation.
  ///
  /// @throws IllegalArgumentException when the text has fewer tokens
  public void rewind(int length) {
    open().rewind(length);
  }

  /// Goes on with the text under another method. All of it is read again with the next generation,
  /// since what layers remember was computed under the method of before.
  ///
  /// @throws LengthwiseException when the text names no method, or one that makes no sense here
  public void changeMethod(String method) {
    PositionedModel changed = positioned.with(method);
    model.running(
        () -> {
          open().changeMethod(changed.inference());
          return text;
        });
    positioned = changed;
  }

  /// A session of its own with the same text, under the same method and policy. What has been read
  /// is shared and not read again.
  public Session fork() {
    return model.running(() -> forked(open().fork()));
  }

  private Session forked(RunningText other) {
    return new Session(positioned, other, policy, clock, conversation.of(other));
  }

  /// Writes the text to a file, for [PositionedModel#restore] under any method, which reads it
  /// again.
  ///
  /// @throws LengthwiseException when the file cannot be written
  public void save(Path file) {
    saved().write(file);
  }

  /// Writes the text to a file with the keys and values of what has been read, for
  /// [PositionedModel#restore] of the same model under the same method: nothing is read again, and
  /// the text goes on with the bits that it would have had here. The file is about as large as what
  /// the session holds ([ContextReport#cacheBytes]); the first call of a model reads all of its
  /// weights, for their checksum.
  ///
  /// @throws LengthwiseException when the file cannot be written, or where keys and values are not
  ///     in pages: with the engine of libtorch, and of models with recurrences
  public void saveState(Path file) {
    saveState(file, saved());
  }

  void saveState(Path file, SavedText saved) {
    StateOrigin origin = model.origin(positioned.inference());
    model.running(
        () -> new StateFile(file).write(new StateFile.State(origin, saved, open().sequence())));
  }

  SavedText saved() {
    return new SavedText(
        model.name(),
        SavedText.markOf(model.anyTokenizer()),
        method(),
        Optional.of(ZonedDateTime.now(clock)),
        text.ids(),
        new SavedChat(List.of(), conversation.known()));
  }

  static void requireFits(Path file, SavedText saved, Model model, ContextPolicy policy) {
    saved.requireTokenizer(file, model.anyTokenizer());
    requireRoom("The saved text " + file, saved.ids().length, policy);
  }

  private RunningText open() {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
    return text;
  }

  /// Releases what the session remembers; closing twice does nothing.
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      text.close();
    }
  }
}
