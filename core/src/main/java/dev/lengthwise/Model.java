package dev.lengthwise;

import dev.lengthwise.chat.ChatTemplates;
import dev.lengthwise.chat.ChatTokens;
import dev.lengthwise.chat.Conversation;
import dev.lengthwise.chat.TemplateChoice;
import dev.lengthwise.chat.template.Rendering;
import dev.lengthwise.encode.Encoder;
import dev.lengthwise.generate.Generator;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.matrix.ActivationPrecision;
import dev.lengthwise.method.MethodParser;
import dev.lengthwise.runtime.ModelPaths;
import dev.lengthwise.runtime.ModelSettings;
import dev.lengthwise.runtime.OpenModel;
import dev.lengthwise.runtime.StateOrigin;
import dev.lengthwise.tokenizer.SpecialTokens;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A language model, ready to use: the place to start.
///
/// A model may be used by several threads at once, each with sessions of its own, and every session
/// has a position method of its own. It holds native memory until it is closed; close its sessions
/// first. Closing waits for what runs.
public final class Model implements AutoCloseable {

  private final OpenModel open;
  private final ReentrantReadWriteLock lifetime = new ReentrantReadWriteLock();
  private boolean closed;
  private @Nullable Generator generator;
  private @Nullable ChatTemplates templates;

  private Model(OpenModel open) {
    this.open = open;
  }

  /// Opens a model with [ModelSettings#DEFAULT].
  ///
  /// @param model a file, a folder, or a hub id (`org/name`) that is in the local hub cache
  /// @throws LengthwiseException when there is none, or when it cannot be read
  public static Model open(String model) {
    return open(model, ModelSettings.DEFAULT);
  }

  /// Opens a model.
  ///
  /// @param model a file, a folder, or a hub id (`org/name`) that is in the local hub cache
  /// @throws LengthwiseException when there is none, or when it cannot be read
  public static Model open(String model, ModelSettings settings) {
    Path path =
        new ModelPaths(Optional.empty(), System.getenv(), settings.revision()).resolve(model);
    return open(path, settings, System.err::println);
  }

  /// Opens a model.
  ///
  /// @param path its file or folder
  /// @param notices gets a sentence where kernels run scalar code, which is slow: without the
  ///     option `--add-modules jdk.incubator.vector`, or on a processor without vectors
  /// @throws LengthwiseException when it cannot be read
  public static Model open(Path path, ModelSettings settings, Consumer<String> notices) {
    return new Model(OpenModel.open(path, settings, notices));
  }

  /// The name of its file or folder.
  public String name() {
    return open.name();
  }

  /// Tokens that it was trained at.
  public long trainedLength() {
    return open.shape().trainedLength();
  }

  /// Number of rows of its embedding: the first are its tokens, what is left is never drawn.
  public int vocabularySize() {
    return open.spec().vocabularySize();
  }

  /// How exact activations are in products of few tokens, as [ModelSettings#activations]; f32, too,
  /// where no weight is of a type that is multiplied with whole numbers.
  public ActivationPrecision activations() {
    return open.activations();
  }

  /// The model under a position method, such as `rerope:window=512`, `yarn:factor=4+log-n`, or
  /// `declared` for the one of its file. `lengthwise methods` lists them.
  ///
  /// @throws LengthwiseException when the text names no method, or one that makes no sense here
  public PositionedModel with(String method) {
    return with(method, OptionalLong.empty());
  }

  /// The model under a position method, for texts of a known length.
  ///
  /// @param targetLength tokens of the longest text to come: from it follow factors that `method`
  ///     leaves out, as in `yarn`
  /// @throws LengthwiseException when the text names no method, or one that makes no sense here
  public PositionedModel with(String method, OptionalLong targetLength) {
    return running(
        () ->
            new PositionedModel(
                this, open.inference(method, targetLength), targetLength, TemplateChoice.OWN));
  }

  /// A session under the method of its file.
  public Session session() {
    return with(MethodParser.DECLARED).session();
  }

  /// What makes vectors of texts under the method of its file ([PositionedModel#embedder]).
  public Embedder embedder() {
    return with(MethodParser.DECLARED).embedder();
  }

  /// Number of tokens of a text, without begin or end of text.
  ///
  /// @throws LengthwiseException when the model has no tokenizer
  public int countTokens(String text) {
    return encode(text).length;
  }

  /// Number of tokens of a conversation up to where the model speaks.
  ///
  /// @throws LengthwiseException when the model has no chat template, or it refuses the messages
  public int countTokens(Conversation conversation, TemplateChoice template) {
    Rendering rendering =
        templates()
            .choose(template, conversation)
            .render(conversation.withDefaults(), Clock.system(ZoneId.systemDefault()));
    return ChatTokens.encode(rendering, tokenizer()).length;
  }

  /// The tokens of a text that is to go on: with the begin of text where the model is used to it.
  ///
  /// @throws LengthwiseException when the model has no tokenizer
  public int[] encodePrompt(String text) {
    return tokenizer().encodePrompt(text);
  }

  /// The tokens of a text, without begin or end of text; names of control tokens in it are text.
  ///
  /// @throws LengthwiseException when the model has no tokenizer
  public int[] encode(String text) {
    return tokenizer().encode(text);
  }

  /// The text of tokens.
  ///
  /// @param withControlTokens whether the names of control tokens are shown
  /// @throws LengthwiseException when the model has no tokenizer
  public String decode(int[] ids, boolean withControlTokens) {
    return withControlTokens ? new SpecialTokens(tokenizer()).decode(ids) : tokenizer().decode(ids);
  }

  /// The piece of text that a token adds, or its name where it is a control token.
  public String piece(int id) {
    return new SpecialTokens(anyTokenizer()).piece(id);
  }

  /// Number of tokens of its tokenizer.
  ///
  /// @throws LengthwiseException when the tokenizer is of another model
  public int tokens() {
    return anyTokenizer().vocabularySize();
  }

  /// Whether the model has a chat template, which [Session#chat] needs.
  public boolean hasChatTemplate() {
    return !templates().isEmpty();
  }

  // Ids in the place of texts where the model has no tokenizer.
  Tokenizer anyTokenizer() {
    return running(open::tokenizerOrIds);
  }

  Tokenizer tokenizer() {
    return running(
        () -> open.tokenizerElse("give token ids with --ids or as an array in place of text"));
  }

  StateOrigin origin(InferenceModel inference) {
    return running(() -> open.origin(inference));
  }

  Encoder encoder(InferenceModel inference) {
    return running(
        () -> new Encoder(inference, open.tokenizerOrIds(), open.recipe(), Encoder.Excess.REFUSED));
  }

  // Both are made at first use. Whoever makes them holds the lock of the lifetime already: in the
  // other order a generation and `close` would wait for each other.
  Generator generator() {
    return running(this::madeGenerator);
  }

  private synchronized Generator madeGenerator() {
    if (generator == null) {
      generator = open.generator();
    }
    return generator;
  }

  ChatTemplates templates() {
    return running(this::madeTemplates);
  }

  private synchronized ChatTemplates madeTemplates() {
    if (templates == null) {
      templates = ChatTemplates.of(open.loaded().checkpoint()).with(open.tokenizer());
    }
    return templates;
  }

  /// What `work` gives; the model stays open meanwhile.
  <T> T running(Supplier<T> work) {
    lifetime.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException("the model " + open.name() + " is closed");
      }
      return work.get();
    } finally {
      lifetime.readLock().unlock();
    }
  }

  /// Releases the model when nothing runs any more; closing twice does nothing.
  ///
  /// @throws IllegalStateException from within a generation of this thread
  @Override
  public void close() {
    if (lifetime.getReadHoldCount() > 0) {
      throw new IllegalStateException("a generation of this thread still runs; cancel it first");
    }
    lifetime.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        open.close();
      }
    } finally {
      lifetime.writeLock().unlock();
    }
  }
}
