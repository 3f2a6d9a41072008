package dev.lengthwise.app.command;

import dev.lengthwise.CancelToken;
import dev.lengthwise.Chat;
import dev.lengthwise.ChatReply;
import dev.lengthwise.ContextPolicy;
import dev.lengthwise.ContextReport;
import dev.lengthwise.LengthwiseException;
import dev.lengthwise.PositionedModel;
import dev.lengthwise.app.options.WrongUsageException;
import dev.lengthwise.app.terminal.LineInput;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.GenerationResult;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The lines of a chat: messages, which the model answers, and commands, which begin with a slash.
///
/// Answers and what commands show go to one stream, everything else to another. A line that fails
/// is said, and the chat goes on.
final class ChatConsole implements AutoCloseable {

  /// What a line may begin with.
  enum Word {
    METHOD("/method [METHOD]", "shows the position method, or goes on under another"),
    CONTEXT("/context", "what is held of the conversation, what was dropped, and why"),
    SAVE("/save FILE", "writes the conversation; any method can go on with it"),
    STATE("/state FILE", "writes it with its keys and values, so that nothing is read again"),
    LOAD("/load FILE", "goes on with a conversation that was written"),
    RESET("/reset", "begins anew; the system message stays"),
    HELP("/help", "this list; //text says /text, and a backslash at the end goes on below"),
    EXIT("/exit", "ends, as Ctrl-D does; Ctrl-C ends an answer");

    private final String form;
    private final String meaning;

    Word(String form, String meaning) {
      this.form = form;
      this.meaning = meaning;
    }

    /// The word as it is typed.
    String text() {
      return "/" + name().toLowerCase(Locale.ROOT);
    }

    static List<String> texts() {
      return Arrays.stream(values()).map(Word::text).toList();
    }

    static Optional<Word> of(String text) {
      return Arrays.stream(values()).filter(word -> word.text().equals(text)).findFirst();
    }
  }

  private final PositionedModel model;
  private final Settings settings;
  private final PrintStream out;
  private final PrintStream notes;
  private Chat chat;
  private boolean failed;

  /// How every line is answered.
  ///
  /// @param policy what happens where a conversation has more tokens than a limit
  /// @param options of each answer
  /// @param quiet whether no speed is said
  record Settings(ContextPolicy policy, GenerationOptions options, boolean quiet) {}

  /// A chat that has begun, which this console closes.
  ///
  /// @param model what conversations that are loaded run under
  /// @param out for answers and what commands show
  /// @param notes for everything else
  ChatConsole(
      PositionedModel model, Chat chat, Settings settings, PrintStream out, PrintStream notes) {
    this.model = model;
    this.chat = chat;
    this.settings = settings;
    this.out = out;
    this.notes = notes;
  }

  /// Takes every line of the input.
  ///
  /// @return whether all of them succeeded
  boolean run(LineInput lines) {
    Optional<String> line = lines.next(prompt());
    while (line.isPresent() && take(line.get(), lines)) {
      line = lines.next(prompt());
    }
    return !failed;
  }

  private static String prompt() {
    return "> ";
  }

  // Whether the chat goes on.
  private boolean take(String line, LineInput lines) {
    try {
      if (line.startsWith("/") && !line.startsWith("//")) {
        return command(line.strip());
      }
      if (!line.isBlank()) {
        say(line.startsWith("/") ? line.substring(1) : line, lines);
      }
    } catch (LengthwiseException | WrongUsageException | InvalidPathException e) {
      failed = true;
      notes.println("lengthwise: " + e.getMessage());
    }
    return true;
  }

  private void say(String message, LineInput lines) {
    CancelToken token = new CancelToken();
    lines.onInterrupt(token::cancel);
    ChatReply reply = chat.say(message, settings.options(), this::print, token);
    out.println();
    if (!settings.quiet()) {
      notes.println(summary(reply));
    }
    if (reply.droppedMessages() > 0) {
      notes.println(
          "The oldest %d messages were dropped: with them the conversation had more tokens than the limit of %d."
              .formatted(reply.droppedMessages(), settings.policy().limit().orElseThrow()));
    }
  }

  private void print(String piece) {
    StandardOutput.print(out, piece);
  }

  private static String summary(ChatReply reply) {
    GenerationResult result = reply.result();
    return String.format(
        Locale.ROOT,
        "[read %d of %d tokens in %.1f s, generated %d in %.1f s, ended by %s]",
        result.promptTokens(),
        reply.promptTokens(),
        result.promptSeconds(),
        result.generatedTokens(),
        result.generationSeconds(),
        result.reason().name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private boolean command(String line) {
    int space = line.indexOf(' ');
    String name = space < 0 ? line : line.substring(0, space);
    String argument = space < 0 ? "" : line.substring(space).strip();
    Word word =
        Word.of(name)
            .orElseThrow(
                () ->
                    new WrongUsageException(
                        "There is no command '%s', only %s; //%s is a message"
                            .formatted(name, Word.texts(), name.substring(1))));
    switch (word) {
      case METHOD -> method(argument);
      case CONTEXT -> context();
      case SAVE -> save(argument);
      case STATE -> saveState(argument);
      case LOAD -> load(argument);
      case RESET -> chat.reset();
      case HELP ->
          Arrays.stream(Word.values())
              .forEach(each -> out.printf("%-18s %s%n", each.form, each.meaning));
      case EXIT -> {
        return false;
      }
    }
    return true;
  }

  private void method(String text) {
    if (!text.isEmpty()) {
      chat.session().changeMethod(text);
    }
    out.println(chat.session().method());
  }

  private void context() {
    ContextReport context = chat.session().context();
    out.printf("method: %s%n", context.method());
    out.printf(
        "tokens: %d, of which %d are still to be read; read more than once: %d%n",
        context.tokens(), context.unreadTokens(), context.readAgainTokens());
    out.printf(
        "limit: %s%n",
        switch (context.policy()) {
          case ContextPolicy.Unlimited _ -> "none";
          case ContextPolicy.Refuse(int tokens) -> tokens + " tokens; more are refused";
          case ContextPolicy.DropOldestTurns(int tokens) ->
              tokens + " tokens; beyond them the oldest turns go";
        });
    out.printf("messages: %d, dropped: %d%n", chat.messages().size(), chat.droppedMessages());
    out.printf(Locale.ROOT, "keys and values: %.1f MiB%n", context.cacheBytes() / 1048576.0);
    for (ContextReport.Layers layers : context.layers()) {
      out.printf(
          "layers %d to %d: hold %d tokens; can see %s%n",
          layers.first(), layers.last(), layers.heldTokens(), layers.rule());
    }
  }

  private void save(String file) {
    chat.save(path(Word.SAVE, file));
    sayWritten(file);
  }

  private void saveState(String file) {
    chat.saveState(path(Word.STATE, file));
    sayWritten(file);
  }

  private void sayWritten(String file) {
    notes.printf("Wrote %d messages to %s.%n", chat.messages().size(), file);
  }

  private void load(String file) {
    Chat loaded =
        model.with(chat.session().method()).restoreChat(path(Word.LOAD, file), settings.policy());
    chat.close();
    chat = loaded;
    notes.printf(
        "Goes on after %d messages, under %s.%n", chat.messages().size(), chat.session().method());
  }

  private static Path path(Word word, String file) {
    if (file.isEmpty()) {
      throw new WrongUsageException(word.text() + " needs the name of a file");
    }
    return Path.of(file);
  }

  @Override
  public void close() {
    chat.close();
  }
}
