package dev.lengthwise.model;

import dev.lengthwise.LengthwiseException;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.ScoreRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.function.ObjIntConsumer;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// The one decoder, for training (autograd records every operation) and for inference: it reads the
/// model plan, and computes with the verbs of its [Operations].
///
/// It holds no state beside its weights and knows nothing of positions: those are in the
/// [LayerAttention] that is passed to each call. What a layer does is in [Block].
public final class Decoder {

  private final ModelSpec spec;
  private final Weights weights;
  private final Operations operations;
  private final List<Block> blocks;
  private final BoundNorm embeddingNorm;
  private final BoundNorm lastNorm;

  private Decoder(ModelSpec spec, Weights weights, Operations operations) {
    this.spec = spec;
    this.weights = weights;
    this.operations = operations;
    this.embeddingNorm =
        weights.norm(WeightId.OUTSIDE, Slot.EMBEDDING_NORM, spec.embedding().norm());
    this.lastNorm = weights.norm(WeightId.OUTSIDE, Slot.LAST_NORM, spec.lastNorm());
    this.blocks = new ArrayList<>();
    for (int layer = 0; layer < spec.layers().size(); layer++) {
      blocks.add(new Block(layer, spec.layers().get(layer), weights));
    }
  }

  /// A decoder in libtorch.
  ///
  /// @param weights dense ones
  public static Decoder torch(ModelSpec spec, Weights weights) {
    return new Decoder(spec, weights, new TorchOperations(weights));
  }

  /// A decoder on weights in place, for inference on processors.
  ///
  /// @param weights mapped ones
  public static Decoder mapped(ModelSpec spec, Weights weights, MappedArithmetic arithmetic) {
    return new Decoder(spec, weights, new MappedOperations(arithmetic));
  }

  /// The model plan.
  public ModelSpec spec() {
    return spec;
  }

  /// The same model, with places beyond those that it has learned ([Embedding#withHierarchy]).
  ///
  /// @throws LengthwiseException where it has learned none
  public Decoder withHierarchicalPlaces(double alpha) {
    if (spec.embedding().places() == 0) {
      throw new LengthwiseException(
          "The model has learned no places that others could be made of; choose a position method"
              + " instead.");
    }
    Embedding further = spec.embedding().withHierarchy(alpha);
    return new Decoder(spec.withEmbedding(further), weights, operations);
  }

  /// The weights.
  public Weights weights() {
    return weights;
  }

  /// What a method plans for `layer`, with what the layer itself does to scores.
  ///
  /// @param length tokens of the text that `plan` was made for
  public AttentionPlan planOf(int layer, AttentionPlan plan, long length) {
    return spec.planOf(layer, plan, scores(layer), length);
  }

  private ScoreRule scores(int layer) {
    return spec.scores(layer, TensorNumbers.doubles(weights.find(WeightId.of(layer, Slot.SINKS))));
  }

  /// Final hidden states, after the last norm.
  ///
  /// @param ids `[batch, tokens]`, int64
  /// @return `[batch, tokens, hidden]`, f32, or f64 of weights in f64
  public Tensor hidden(Tensor ids, LayerAttention attention) {
    return hidden(ids, attention, (_, _) -> {});
  }

  /// As `hidden`, and shows the stream after every layer.
  ///
  /// @param streams takes what a layer passes on, `[batch, tokens, hidden]`, valid until it
  ///     returns, and the index of the layer
  public Tensor hidden(Tensor ids, LayerAttention attention, ObjIntConsumer<Tensor> streams) {
    @Nullable PointerScope callers = PointerScope.getInnerScope();
    Operations.Pass pass = operations.start(ids.size(0), ids.size(1));
    Rows stream = embedded(pass, ids, attention);
    for (int layer = 0; layer < blocks.size(); layer++) {
      // What a layer makes on its way is released at its end, not at that of the whole step.
      try (PointerScope _ = new PointerScope()) {
        Rows next = blocks.get(layer).run(pass, stream, attention);
        if (next != stream) {
          next.keepIn(callers);
        }
        stream = next;
        streams.accept(stream.tensor(), layer);
      }
    }
    return pass.result(stream, lastNorm);
  }

  private Rows embedded(Operations.Pass pass, Tensor ids, LayerAttention attention) {
    Embedding own = spec.embedding();
    Projection table = weights.projection(WeightId.of(Slot.EMBEDDING));
    Rows stream = pass.embed(Slot.EMBEDDING, ids, table, own.scale());
    if (own.places() > 0) {
      stream = placed(pass, stream, ids, attention.places((int) ids.size(1)));
    }
    if (own.types() > 0) {
      Tensor types = row(attention.types((int) ids.size(1)), ids);
      Projection learned = weights.projection(WeightId.of(Slot.TYPES));
      stream = pass.add(stream, pass.embed(Slot.TYPES, types, learned, 1), 1);
    }
    return pass.normed(stream, embeddingNorm);
  }

  // One row of numbers for all rows of the batch.
  private static Tensor row(long[] numbers, Tensor ids) {
    return Tensor.create(numbers, 1, numbers.length)
        .to(ids.device(), ids.scalar_type())
        .expand_as(ids);
  }

  // A text within the learned places has exactly these; in a longer one, each place has two digits.
  private Rows placed(Operations.Pass pass, Rows stream, Tensor ids, long[] places) {
    Embedding own = spec.embedding();
    long last = Arrays.stream(places).max().orElse(0);
    if (last >= own.longest()) {
      throw new LengthwiseException(
          "The model has learned %d places and none for token %d; it cannot read longer texts, whatever the position method."
              .formatted(own.longest(), last + 1));
    }
    Rows sum = addPlaces(pass, stream, ids, places, place -> place % own.learned(), 1);
    if (last < own.learned()) {
      return sum;
    }
    double factor = own.hierarchy() / (1 - own.hierarchy());
    sum = addPlaces(pass, sum, ids, places, place -> place / own.learned(), factor);
    return addPlaces(pass, sum, ids, places, _ -> 0, -factor);
  }

  private Rows addPlaces(
      Operations.Pass pass,
      Rows stream,
      Tensor ids,
      long[] places,
      LongUnaryOperator digit,
      double factor) {
    int first = spec.embedding().firstPlace();
    long[] rows = Arrays.stream(places).map(place -> first + digit.applyAsLong(place)).toArray();
    Tensor table = // [batch, tokens], int64
        Tensor.create(rows, rows.length / ids.size(1), ids.size(1))
            .to(ids.device(), ids.scalar_type())
            .expand_as(ids);
    Projection learned = weights.projection(WeightId.of(Slot.PLACES));
    return pass.add(stream, pass.embed(Slot.PLACES, table, learned, 1), factor);
  }

  /// The stream before the first layer, as [#layer] takes it.
  Tensor embedded(Tensor ids, LayerAttention attention) {
    return embedded(operations.start(ids.size(0), ids.size(1)), ids, attention).tensor();
  }

  /// One layer alone: the stream after it.
  ///
  /// @param stream `[batch, tokens, hidden]`
  Tensor layer(int layer, Tensor stream, LayerAttention attention) {
    Operations.Pass pass = operations.start(stream.size(0), stream.size(1));
    return blocks.get(layer).run(pass, Rows.of(stream), attention).tensor();
  }

  /// Final hidden states of the stream after the last layer.
  Tensor last(Tensor stream) {
    return operations.start(stream.size(0), stream.size(1)).result(Rows.of(stream), lastNorm);
  }

  /// Logits of hidden states, of their type.
  ///
  /// @param hidden `[…, hidden]`
  /// @return `[…, vocabulary]`
  public Tensor logits(Tensor hidden) {
    Projection head = weights.projection(WeightId.of(Slot.HEAD));
    Tensor own = hidden.contiguous();
    // Texts of one token each stay that: their rows are multiplied one by one.
    boolean apart = own.dim() == 3 && own.size(1) == 1;
    long texts = apart ? own.size(0) : 1;
    long tokens = own.numel() / spec.hiddenSize() / texts;
    Rows rows = Rows.of(own.view(texts, tokens, spec.hiddenSize()));
    Tensor logits = operations.start(texts, tokens).product(Slot.HEAD, rows, head).tensor();
    long[] shape = hidden.sizes().vec().get();
    shape[shape.length - 1] = head.outputs();
    return bounded(logits).view(shape);
  }

  /// What the head of a task makes of states, of their type.
  ///
  /// @param states `[rows, hidden]`: those that [TaskHead.Reading] takes
  /// @param dropped what becomes of the channels before the last product; the identity in
  ///     inference
  /// @return `[rows, outputs]`
  /// @throws IllegalStateException of a model without such a head
  public Tensor answers(Tensor states, UnaryOperator<Tensor> dropped) {
    TaskHead head = spec.task().orElseThrow();
    Operations.Pass pass = operations.start(1, states.size(0));
    Rows rows = Rows.of(states.contiguous().unsqueeze(0));
    if (head.inner().isPresent()) {
      TaskHead.Inner inner = head.inner().get();
      Projection dense = weights.projection(WeightId.of(Slot.TASK_DENSE));
      BoundNorm norm = weights.norm(WeightId.OUTSIDE, Slot.TASK_NORM, inner.norm());
      rows = pass.normed(pass.activated(rows, BoundNorm.NONE, dense, inner.activation()), norm);
    }
    Rows last = Rows.of(dropped.apply(rows.tensor()));
    Projection output = weights.projection(WeightId.of(Slot.TASK_OUTPUT));
    return pass.product(Slot.TASK_OUTPUT, last, output).tensor().select(0, 0);
  }

  private Tensor bounded(Tensor logits) {
    Head own = spec.head();
    Tensor scaled = own.scale() == 1 ? logits : logits.mul(new Scalar(own.scale()));
    return own.cap() == 0
        ? scaled
        : torch.tanh(scaled.div(new Scalar(own.cap()))).mul(new Scalar(own.cap()));
  }
}
