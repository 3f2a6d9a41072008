package dev.lengthwise.encode;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.generate.InferenceModel;
import dev.lengthwise.generate.WholeText;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.tokenizer.Tokenizer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/// A model that makes vectors of texts. Immutable, and usable by several threads at once: their
/// passes run one after the other, since each uses all workers.
///
/// Texts run in passes of some thousand tokens, sorted by length and without padding, so a text
/// gets what it would get alone.
public final class Encoder {

  private static final int TOKENS_OF_A_PASS = 4096;
  private static final int SHOWN = 40; // of a text in a message

  private final InferenceModel model;
  private final Tokenizer tokenizer;
  private final Recipe recipe;
  private final Excess excess;
  private final Lock passes = new ReentrantLock();

  /// What happens to a text that is longer than the encoder reads.
  public enum Excess {
    /// It is refused, with both numbers.
    REFUSED,
    /// Its end is left out; what marks the end of a text stays.
    CUT,
    /// It is read on past the trained length, under whatever method was chosen; one that needs more
    /// places than the model has learned is refused.
    READ
  }

  /// An encoder of an opened model, which its caller closes.
  ///
  /// @param model with a chosen method, which may reach beyond the trained length
  public Encoder(InferenceModel model, Tokenizer tokenizer, Recipe recipe, Excess excess) {
    this.model = model;
    this.tokenizer = tokenizer;
    this.recipe = recipe;
    this.excess = excess;
  }

  /// The same with another recipe.
  public Encoder with(Recipe other) {
    return new Encoder(model, tokenizer, other, excess);
  }

  /// The same with another way with texts that are too long.
  public Encoder with(Excess other) {
    return new Encoder(model, tokenizer, recipe, other);
  }

  /// How vectors are made.
  public Recipe recipe() {
    return recipe;
  }

  /// The position method, with all of its parameters.
  public String method() {
    return model.plans().chosen().name();
  }

  /// Numbers of a vector.
  public int size() {
    return recipe.size(model.decoder().spec().hiddenSize());
  }

  /// Tokens of the longest text, marks included: what its files say and the trained length, unless
  /// texts are read on past them ([Excess#READ]), a chosen method extends it or the model's own
  /// adapts to the length. Places that are learned bound it in any case.
  public long longest() {
    return longest(model, recipe.longest(), excess);
  }

  /// The same of a model that makes no vectors.
  ///
  /// @param bound tokens of the longest text, as other files than its own say
  public static long longest(InferenceModel model, long bound, Excess excess) {
    ModelSpec spec = model.decoder().spec();
    boolean extended =
        excess == Excess.READ
            || !model.plans().chosen().equals(spec.declared())
            || spec.embedding().hierarchy() > 0;
    boolean adapts = spec.declared().dependsOnLength();
    long trained = adapts ? Long.MAX_VALUE : spec.shape().trainedLength();
    long learned = spec.embedding().places() > 0 ? spec.embedding().longest() : Long.MAX_VALUE;
    return Math.min(learned, extended ? Long.MAX_VALUE : Math.min(bound, trained));
  }

  /// The vector of one text, behind the default prompt.
  public float[] encode(String text) {
    return encode(List.of(text)).getFirst();
  }

  /// The vectors of texts, behind the default prompt.
  public List<float[]> encode(List<String> texts) {
    return encode(texts, recipe.prompt(Optional.empty()));
  }

  /// The vectors of texts.
  ///
  /// @param prompt put before each
  /// @return one of [#size()] numbers for each, in their order
  /// @throws LengthwiseException of a text without tokens, or one that is longer than [#longest()]
  public List<float[]> encode(List<String> texts, String prompt) {
    return encodeIds(texts.stream().map(text -> ids(prompt + text)).toList(), prompt);
  }

  /// The vectors of texts that are ids already, marks included.
  ///
  /// @param texts as [#ids] makes them, or used exactly as given
  /// @param prompt that each begins with; empty: none
  /// @return one of [#size()] numbers for each, in their order
  /// @throws LengthwiseException of a text without tokens, or one that is longer than [#longest()]
  public List<float[]> encodeIds(List<int[]> texts, String prompt) {
    int left = recipe.countsPrompt() || prompt.isEmpty() ? 0 : promptTokens(prompt);
    List<WholeText> read =
        texts.stream().map(ids -> new WholeText(within(ids, () -> beginOf(ids)))).toList();
    return vectors(read, left, recipe.steps());
  }

  /// The vectors of the parts of a text that is read as a whole, so that each part knows the others
  /// ("late chunking").
  ///
  /// Source: M. Günther et al. 2024, "Late Chunking", arXiv 2409.04701.
  ///
  /// @param tokens of a part; the last one may be shorter
  /// @throws LengthwiseException as [#encode(List)]
  public List<float[]> encodeParts(String text, int tokens) {
    if (tokens < 1) {
      throw new IllegalArgumentException("a part needs tokens: " + tokens);
    }
    passes.lock();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor hidden = model.read(ids(text));
      List<float[]> parts = new ArrayList<>();
      for (long from = 0; from < hidden.size(0); from += tokens) {
        Tensor own = hidden.narrow(0, from, Math.min(tokens, hidden.size(0) - from));
        parts.add(stepped(recipe.pooling().of(own, 0).cpu().contiguous(), recipe.steps()));
      }
      return parts;
    } finally {
      passes.unlock();
    }
  }

  /// Channels of the stream of the model.
  int hiddenSize() {
    return model.decoder().spec().hiddenSize();
  }

  /// The pooled vectors of pairs that are read as one text each ([PairText]); of those that are
  /// too long, the longer side is cut.
  List<float[]> pooledPairs(List<LabelledPair> pairs) {
    ModelSpec spec = model.decoder().spec();
    return vectors(
        pairs.stream()
            .map(pair -> PairText.of(tokenizer, spec, pair.first(), pair.second(), longest()))
            .toList(),
        0,
        List.of());
  }

  // Begin of text and prompt.
  private int promptTokens(String prompt) {
    return tokenizer.encodePrompt(cased(prompt)).length;
  }

  private String cased(String text) {
    return recipe.lowerCase() ? text.toLowerCase(Locale.ROOT) : text;
  }

  /// The ids of a text, with the marks of the model.
  ///
  /// @throws LengthwiseException of a text without tokens, or one that is longer than [#longest()]
  public int[] ids(String text) {
    return within(tokenizer.encodeWhole(cased(text)), () -> text);
  }

  private String beginOf(int[] ids) {
    return tokenizer.decode(Arrays.copyOf(ids, Math.min(ids.length, SHOWN)));
  }

  private int[] within(int[] ids, Supplier<String> text) {
    long longest = longest();
    if (ids.length == 0) {
      throw new LengthwiseException(
          "A text is empty, and the model puts no marks around texts, so it has no token; leave it"
              + " out.");
    }
    if (ids.length <= longest) {
      return ids;
    }
    if (excess != Excess.CUT) {
      throw new LengthwiseException(
          "A text has %d tokens, and the encoder reads %d: \"%s…\"; cut it, or choose a method that reaches further."
              .formatted(ids.length, longest, begin(text.get())));
    }
    return TextIds.cut(tokenizer, ids, longest);
  }

  private static String begin(String text) {
    return text.substring(0, Math.min(SHOWN, text.length()));
  }

  private List<float[]> vectors(List<WholeText> texts, int left, List<VectorStep> steps) {
    float[][] all = new float[texts.size()][];
    List<Integer> byLength =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(index -> texts.get(index).length()))
            .toList();
    List<Integer> pass = new ArrayList<>();
    int tokens = 0;
    for (int index : byLength) {
      int length = texts.get(index).length();
      if (tokens > 0 && tokens + length > TOKENS_OF_A_PASS) {
        run(texts, pass, left, steps, all);
        pass.clear();
        tokens = 0;
      }
      pass.add(index);
      tokens += length;
    }
    if (!pass.isEmpty()) {
      run(texts, pass, left, steps, all);
    }
    return Arrays.asList(all);
  }

  private void run(
      List<WholeText> texts, List<Integer> pass, int left, List<VectorStep> steps, float[][] all) {
    passes.lock();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      List<Tensor> hidden = model.read(pass.stream().map(texts::get).toList());
      for (int n = 0; n < pass.size(); n++) {
        Tensor pooled = recipe.pooling().of(hidden.get(n), left).cpu().contiguous();
        all[pass.get(n)] = stepped(pooled, steps);
      }
    } finally {
      passes.unlock();
    }
  }

  private static float[] stepped(Tensor pooled, List<VectorStep> steps) {
    float[] vector = new float[Math.toIntExact(pooled.numel())];
    pooled.<FloatBuffer>createBuffer().get(vector);
    for (VectorStep step : steps) {
      vector = step.apply(vector);
    }
    return vector;
  }
}
