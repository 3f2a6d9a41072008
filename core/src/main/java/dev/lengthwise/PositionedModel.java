package dev.lengthwise;

import dev.lengthwise.chat.ChatTemplate;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.Conversation.Message;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.evaluate.TokenLosses;
import dev.lengthwise.generate.GenerationOptions;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.Sequence;
import dev.lengthwise.runtime.ChatText;
import dev.lengthwise.runtime.RunningText;
import dev.lengthwise.runtime.SavedText;
import dev.lengthwise.runtime.StateFile;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/// A model under a position method: makes sessions and scores texts. Immutable, for any number of
/// threads, and open as long as its model.
public final class PositionedModel {

  private final Model model;
  private final InferenceModel inference;
  private final OptionalLong targetLength;
  private final TemplateChoice template;

  PositionedModel(
      Model model, InferenceModel inference, OptionalLong targetLength, TemplateChoice template) {
    this.model = model;
    this.inference = inference;
    this.targetLength = targetLength;
    this.template = template;
  }

  /// The same under another method, for texts of the same length.
  ///
  /// @throws LengthwiseException when the text names no method, or one that makes no sense here
  public PositionedModel with(String method) {
    return new PositionedModel(
        model, model.with(method, targetLength).inference, targetLength, template);
  }

  /// The same with a chat template in the place of the model's own.
  ///
  /// @throws LengthwiseException when the model has no template of that name, or a damaged one
  public PositionedModel withTemplate(TemplateChoice choice) {
    if (choice instanceof TemplateChoice.Named(String name)) {
      model.templates().named(name); // said before anything runs
    }
    return new PositionedModel(model, inference, targetLength, choice);
  }

  /// The method with all of its parameters, such as `rerope:window=512`.
  public String method() {
    return inference.plans().chosen().name();
  }

  /// The model.
  public Model model() {
    return model;
  }

  /// A new session without a limit of tokens.
  ///
  /// @throws LengthwiseException of a bidirectional model, which cannot continue a text
  public Session session() {
    return session(ContextPolicy.UNLIMITED);
  }

  /// A new session.
  ///
  /// @param policy what happens where a text has more tokens than a limit
  /// @throws LengthwiseException of a bidirectional model, which cannot continue a text
  public Session session(ContextPolicy policy) {
    return model.running(() -> newSession(policy));
  }

  // The date that chat templates see stays that of the begin: another would change what was read.
  private Session newSession(ContextPolicy policy) {
    return new Session(this, new RunningText(inference), policy, today());
  }

  private static Clock today() {
    return Clock.fixed(InstantSource.system().instant(), ZoneId.systemDefault());
  }

  /// A session that goes on with what [Session#save] or [Session#saveState] wrote. What `save`
  /// wrote is read again at first use, under this method; what `saveState` wrote is not read again,
  /// and must be of this model, opened with the same settings, and of this method.
  ///
  /// @throws LengthwiseException when the file is damaged, of a model with another tokenizer, or
  ///     when keys and values in it were computed otherwise than here
  public Session restore(Path file, ContextPolicy policy) {
    return restored(file, policy).session();
  }

  /// A session with the messages of its file.
  private record Restored(Session session, List<Message> messages) {}

  private Restored restored(Path file, ContextPolicy policy) {
    StateFile state = new StateFile(file);
    return model.running(() -> state.isOne() ? withState(state, policy) : withText(file, policy));
  }

  private Restored withText(Path file, ContextPolicy policy) {
    SavedText saved = SavedText.read(file);
    Session.requireFits(file, saved, model, policy);
    return restored(saved, inference.newSequence(), policy);
  }

  private Restored withState(StateFile file, ContextPolicy policy) {
    StateFile.State state =
        file.read(
            (origin, text) -> {
              Session.requireFits(file.path(), text, model, policy);
              origin.requireSame(file.name(), model.origin(inference));
              return inference;
            });
    return restored(state.text(), state.sequence(), policy);
  }

  private Restored restored(SavedText saved, Sequence sequence, ContextPolicy policy) {
    RunningText text = RunningText.of(saved.ids(), sequence);
    Clock clock =
        saved
            .begun()
            .map(begun -> Clock.fixed(begun.toInstant(), begun.getZone()))
            .orElseGet(PositionedModel::today);
    ChatText conversation = new ChatText(text, saved.chat().known());
    return new Restored(
        new Session(this, text, policy, clock, conversation), saved.chat().messages());
  }

  /// A new conversation.
  ///
  /// @param policy what happens where it has more tokens than a limit
  /// @throws LengthwiseException of a bidirectional model, which cannot continue a text
  public Chat chat(ContextPolicy policy) {
    return new Chat(session(policy), List.of());
  }

  /// A conversation that goes on with what [Chat#save] or [Chat#saveState] wrote, as [#restore].
  ///
  /// @throws LengthwiseException when the file is damaged, of a model with another tokenizer, or
  ///     when keys and values in it were computed otherwise than here
  public Chat restoreChat(Path file, ContextPolicy policy) {
    Restored restored = restored(file, policy);
    return new Chat(restored.session(), restored.messages());
  }

  /// How likely the model finds a text, begin and end of text as its tokenizer adds them to a whole
  /// text.
  ///
  /// @throws LengthwiseException when the text has fewer than two tokens
  public Score score(String text) {
    return score(model.tokenizer().encodeWhole(text));
  }

  /// How likely the model finds a text.
  ///
  /// @param ids its tokens, used exactly as given
  /// @throws LengthwiseException when there are fewer than two, or when the model has no such token
  public Score score(int[] ids) {
    return new Score(
        Arrays.stream(
                model.running(() -> TokenLosses.of(inference, ids, GenerationOptions.CHUNK, 0)))
            .boxed()
            .toList());
  }

  /// What makes vectors of texts under this method: of an encoder as its files say, of a decoder
  /// the state of the last token, unless its files say otherwise. Texts that are longer than it
  /// reads are refused.
  ///
  /// @throws LengthwiseException when its files ask for a part that is not supported
  public Embedder embedder() {
    return new Embedder(model, model.encoder(inference));
  }

  ChatTemplate template(Conversation conversation) {
    return model.templates().choose(template, conversation);
  }

  InferenceModel inference() {
    return inference;
  }
}
