package dev.lengthwise.generate;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.HeadRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.torch.TorchAttention;
import dev.lengthwise.model.Decoder;
import dev.lengthwise.model.LayerAttention;
import dev.lengthwise.model.ModelSpec;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.PlanFunction;
import dev.lengthwise.recurrence.ComplexTensor;
import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// A model under a position method, ready to run: immutable, and shared by any number of sequences.
///
/// Where the engine that is asked for cannot run some layer (squared-relu weights or keys ahead in
/// the vector engine), that of libtorch takes its place.
///
/// @param decoder the model
/// @param plans its attention plans
/// @param engine what executes them
/// @param cacheType how keys and values are kept between steps
public record InferenceModel(
    Decoder decoder, PlanFunction plans, Attention engine, CacheType cacheType) {

  /// Chooses the engine.
  public InferenceModel {
    engine = engineFor(decoder.spec(), engine);
  }

  /// `wanted`, or libtorch's engine where that cannot run some layer.
  public static Attention engineFor(ModelSpec spec, Attention wanted) {
    boolean runs = wanted.seesAhead() || !spec.isBidirectional();
    for (int layer = 0; layer < spec.shape().layers(); layer++) {
      runs &= wanted.supports(spec.scores(layer, new double[0]));
    }
    return runs ? wanted : new TorchAttention();
  }

  /// A model that keeps keys and values in single precision.
  public InferenceModel(Decoder decoder, PlanFunction plans, Attention engine) {
    this(decoder, plans, engine, CacheType.F32);
  }

  /// The sizes of the keys and values of `layer`.
  public KeyValueShape keyValueShape(int layer) {
    return keyValueShape(decoder.spec(), layer, cacheType);
  }

  /// The sizes of the keys and values of a layer of any model.
  static KeyValueShape keyValueShape(ModelSpec spec, int layer, CacheType type) {
    return new KeyValueShape(
        spec.keyValueHeads(layer), spec.shape().headSize(), spec.valueSize(layer), type);
  }

  /// The plan of `layer`, with the weights of its block.
  ///
  /// @param currentLength see [PlanFunction#plan]
  public AttentionPlan plan(int layer, long currentLength) {
    return decoder.planOf(layer, plans.plan(layer, currentLength), currentLength);
  }

  /// A sequence for one text.
  ///
  /// @throws LengthwiseException of a bidirectional model
  public Sequence newSequence() {
    if (decoder.spec().isBidirectional()) {
      throw new LengthwiseException(
          "The model is bidirectional: it fills in masked tokens and cannot continue a text; take a"
              + " causal one.");
    }
    return new Sequence(this);
  }

  /// A sequence as [Sequence#write] wrote it, of the same model under the same method, engine and
  /// type of cache.
  ///
  /// @param tokens that it has read
  /// @throws IOException when something else is written there
  public Sequence readSequence(DataInput in, int tokens) throws IOException {
    Sequence sequence = newSequence();
    boolean whole = false;
    try {
      sequence.read(in, tokens);
      whole = true;
    } finally {
      if (!whole) {
        sequence.close();
      }
    }
    return sequence;
  }

  /// Reads a whole text at once, the only way that a bidirectional model reads.
  ///
  /// @param ids at least one token
  /// @return final hidden states `[tokens, hidden]`, in the caller's scope
  public Tensor read(int[] ids) {
    return read(List.of(new WholeText(ids))).getFirst();
  }

  /// Reads whole texts side by side, without padding: each sees itself alone. Those of one length
  /// attend in one call, whatever the order of the texts.
  ///
  /// @param texts at least one
  /// @return for each, in their order, the final hidden states `[tokens, hidden]`, in the caller's
  ///     scope
  public List<Tensor> read(List<WholeText> texts) {
    requireTypes(texts);
    int[] byLength =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(text -> texts.get(text).length()))
            .mapToInt(Integer::intValue)
            .toArray();
    List<WholeText> sorted = Arrays.stream(byLength).mapToObj(texts::get).toList();
    long[] row =
        sorted.stream()
            .flatMapToInt(text -> Arrays.stream(text.ids()))
            .mapToLong(this::checked)
            .toArray();
    Tensor ids = Tensor.create(row).view(1, row.length);
    Tensor hidden = decoder.hidden(ids, new WholeTexts(this, sorted)).select(0, 0);
    Tensor[] parts = new Tensor[texts.size()];
    int start = 0;
    for (int text : byLength) {
      int length = texts.get(text).length();
      parts[text] = hidden.narrow(0, start, length);
      start += length;
    }
    return Arrays.asList(parts);
  }

  private void requireTypes(List<WholeText> texts) {
    int types = decoder.spec().embedding().types();
    int greatest = texts.stream().flatMapToInt(text -> Arrays.stream(text.types())).max().orElse(0);
    if (types > 0 && greatest >= types) {
      throw new LengthwiseException(
          "The model has learned %d types of tokens, and a text has type %d; types count from 0."
              .formatted(types, greatest));
    }
  }

  /// Runs the next tokens of several texts at once.
  ///
  /// The texts may be at different positions and take different numbers of tokens: projections see
  /// all tokens as one matrix, attention sees each text alone, so there is no padding and every
  /// text gets what it would get alone.
  ///
  /// @param steps one for each text, no sequence twice
  /// @return for each step the final hidden states `[tokens, hidden]`, in the caller's scope
  public List<Tensor> forward(List<Step> steps) {
    int total = steps.stream().mapToInt(step -> step.ids().length).sum();
    long[] ids = new long[total];
    int at = 0;
    for (Step step : steps) {
      for (int id : step.ids()) {
        ids[at++] = checked(id);
      }
    }
    steps.forEach(step -> step.sequence().startStep(step.ids().length));
    @Nullable PointerScope callers = PointerScope.getInnerScope();
    try (PointerScope _ = new PointerScope()) {
      Tensor hidden = decoder.hidden(Tensor.create(ids).view(1, total), new SideBySide(steps));
      List<Tensor> parts = new ArrayList<>();
      int start = 0;
      for (Step step : steps) {
        Tensor part = hidden.select(0, 0).narrow(0, start, step.ids().length);
        start += step.ids().length;
        parts.add(callers == null ? part.retainReference() : attached(callers, part));
      }
      return parts;
    }
  }

  /// Reads one more token in each of several texts at once, which may have methods of their own.
  ///
  /// On weights in place every text gets what it would get alone, bit for bit: neither the number
  /// of texts nor their order matters. Libtorch's products on tensors round as the number of texts
  /// makes them.
  ///
  /// @param sequences of models with the decoder of this one, no sequence twice
  /// @param ids one for each sequence
  /// @return logits `[texts, 1, vocabulary]` for the processor, in the caller's scope
  public Tensor decode(List<Sequence> sequences, int... ids) {
    List<Step> steps = new ArrayList<>();
    for (int text = 0; text < ids.length; text++) {
      steps.add(new Step(sequences.get(text), new int[] {checked(ids[text])}));
    }
    if (sequences.stream().anyMatch(sequence -> sequence.inference().decoder() != decoder)) {
      throw new IllegalArgumentException("sequences of different models cannot run together");
    }
    long[] column = Arrays.stream(ids).asLongStream().toArray();
    steps.forEach(step -> step.sequence().startStep(1));
    Tensor hidden =
        decoder.hidden(
            Tensor.create(column).view(ids.length, 1), new OneEach(new SideBySide(steps)));
    return decoder.logits(hidden).cpu();
  }

  private static Tensor attached(PointerScope scope, Tensor tensor) {
    scope.attach(tensor);
    return tensor;
  }

  /// Complains about ids that the model does not have; reading them does so by itself.
  ///
  /// @throws LengthwiseException that names the first one
  public void requireKnown(int[] ids) {
    for (int id : ids) {
      checked(id);
    }
  }

  private int checked(int id) {
    if (id < 0 || id >= decoder.spec().vocabularySize()) {
      throw new LengthwiseException(
          "Token id "
              + id
              + " is outside the vocabulary of the model (0 … "
              + (decoder.spec().vocabularySize() - 1)
              + "); was the text tokenised for another model?");
    }
    return id;
  }

  /// Every text sees itself alone.
  private record SideBySide(List<Step> steps) implements LayerAttention {

    @Override
    public Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values) {
      if (steps.size() == 1) {
        Sequence only = steps.getFirst().sequence();
        QueryRows rows = new QueryRows(queries, only.stepPosition());
        return only.attend(layer, rows, keys.select(0, 0), values.select(0, 0));
      }
      TensorVector attended = new TensorVector();
      int start = 0;
      for (Step step : steps) {
        int tokens = step.ids().length;
        attended.push_back(
            step.sequence()
                .attend(
                    layer,
                    new QueryRows(queries.narrow(1, start, tokens), step.sequence().stepPosition()),
                    keys.select(0, 0).narrow(0, start, tokens),
                    values.select(0, 0).narrow(0, start, tokens)));
        start += tokens;
      }
      return torch.cat(attended, 1);
    }

    @Override
    public boolean attendsInMemory(int layer) {
      return steps.stream().allMatch(step -> step.sequence().attendsInMemory(layer));
    }

    @Override
    public void attend(
        int layer, HeadRows queries, HeadRows keys, HeadRows values, HeadRows output) {
      int start = 0;
      for (Step step : steps) {
        int tokens = step.ids().length;
        step.sequence()
            .attend(
                layer,
                queries.narrow(start, tokens),
                keys.narrow(start, tokens),
                values.narrow(start, tokens),
                output.narrow(start, tokens));
        start += tokens;
      }
    }

    @Override
    public long[] places(int tokens) {
      return steps.stream()
          .flatMapToLong(
              step -> {
                long first = step.sequence().stepPosition();
                return LongStream.range(first, first + step.ids().length);
              })
          .toArray();
    }

    @Override
    public ComplexTensor recur(int layer, ComplexTensor inputs, ComplexTensor decay) {
      @Nullable ComplexTensor all = null;
      int start = 0;
      for (Step step : steps) {
        int tokens = step.ids().length;
        ComplexTensor states = step.sequence().recur(layer, inputs.narrow(1, start, tokens), decay);
        all = all == null ? states : all.followedBy(states, 1);
        start += tokens;
      }
      return Objects.requireNonNull(all);
    }
  }

  /// Texts that are rows of a batch, `[texts, 1, …]`, for what sees them in one row.
  private record OneEach(SideBySide texts) implements LayerAttention {

    @Override
    public Tensor attend(int layer, Tensor queries, Tensor keys, Tensor values) {
      return texts
          .attend(layer, queries.transpose(0, 1), keys.transpose(0, 1), values.transpose(0, 1))
          .transpose(0, 1);
    }

    @Override
    public boolean attendsInMemory(int layer) {
      return texts.attendsInMemory(layer);
    }

    @Override
    public void attend(
        int layer, HeadRows queries, HeadRows keys, HeadRows values, HeadRows output) {
      texts.attend(
          layer, queries.transposed(), keys.transposed(), values.transposed(), output.transposed());
    }

    @Override
    public long[] places(int tokens) {
      return texts.places(tokens);
    }

    @Override
    public ComplexTensor recur(int layer, ComplexTensor inputs, ComplexTensor decay) {
      return texts.recur(layer, inputs.transpose(0, 1), decay).transpose(0, 1);
    }
  }

  /// The next tokens of one text.
  ///
  /// @param sequence the text so far
  /// @param ids at least one token
  public record Step(Sequence sequence, int[] ids) {

    /// Checks that there is something to run.
    public Step {
      if (ids.length == 0) {
        throw new IllegalArgumentException("a step needs at least one token");
      }
    }
  }
}
