package dev.lengthwise.model;

import dev.lengthwise.checkpoint.TorchMemory;
import dev.lengthwise.matrix.Activations;
import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.Normalization;
import dev.lengthwise.matrix.Output;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A decoder's operations on weights as they lie in memory, for inference: weights are
/// [Linear.Stored].
///
/// A few tokens run in the kernels of `matrix`: three parallel regions a layer beside attention,
/// without a call of libtorch between them, in memory that all layers share. Many tokens run in
/// libtorch's matrix products ([BatchProducts]).
public final class StoredOperations implements DecoderOperations {

  private final ModelSpec spec;
  private final DecoderWeights weights;
  private final MatrixProducts products;
  private final Activations activations;
  private final BatchProducts batches;
  private final Runnable examine;

  /// Operations on `weights`.
  ///
  /// @param bf16 whether products of many tokens run in bf16; otherwise in f32
  /// @param examine called when a hidden state is not finite, to find the reason
  public StoredOperations(
      ModelSpec spec,
      DecoderWeights weights,
      MatrixProducts products,
      boolean bf16,
      Runnable examine) {
    this.spec = spec;
    this.weights = weights;
    this.products = products;
    this.activations = products.activations();
    this.batches = new BatchProducts(products, bf16, spec.normEpsilon());
    this.examine = examine;
  }

  @Override
  public Pass start(Tensor ids) {
    Tensor own = ids.contiguous();
    long[] tokens = TorchMemory.bytesOf(own).toArray(ValueLayout.JAVA_LONG);
    StoredPass pass = new StoredPass(ids.size(0), ids.size(1));
    int[] rows = new int[tokens.length];
    for (int n = 0; n < rows.length; n++) {
      rows[n] = Math.toIntExact(tokens[n]);
    }
    products.decodeRows(
        stored(weights.embedding()).weight(),
        rows,
        0,
        rows.length,
        pass.stream.rows().memory(),
        false);
    return pass;
  }

  @Override
  public Tensor logits(Tensor hidden) {
    Tensor own = hidden.contiguous();
    long tokens = own.numel() / spec.hiddenSize();
    Linear.Stored head = stored(weights.requireHead());
    long[] shape = own.sizes().vec().get();
    shape[shape.length - 1] = head.weight().rows();
    Rows target = Rows.allocate(tokens, head.weight().rows());
    multiply(Rows.of(own.view(tokens, spec.hiddenSize())), head, target, false);
    return target.tensor().view(shape);
  }

  static Linear.Stored stored(Linear linear) {
    return switch (linear) {
      case Linear.Stored stored -> stored;
      case Linear.Dense _ -> throw new IllegalArgumentException("inference needs weights in place");
    };
  }

  private void multiply(Rows inputs, Linear.Stored projection, Rows target, boolean add) {
    if (batches.takes(projection.weight().type(), inputs.count())) {
      batches.multiply(inputs, projection, target, add);
    } else {
      products.multiply(inputs.rows(), List.of(output(projection, target, add)));
    }
  }

  private static Output output(Linear.Stored projection, Rows target, boolean add) {
    return new Output(
        projection.weight(), projection.bias(), projection.places(), target.rows(), add);
  }

  /// Floats of libtorch's memory under both names.
  record Rows(Tensor tensor, FloatRows rows) {

    static Rows allocate(long count, long columns) {
      return of(torch.empty(new long[] {count, columns}));
    }

    /// @param tensor `[count, columns]`, contiguous
    static Rows of(Tensor tensor) {
      MemorySegment memory = TorchMemory.bytesOf(tensor);
      return new Rows(tensor, new FloatRows(memory, (int) tensor.size(0), (int) tensor.size(1)));
    }

    int count() {
      return rows.count();
    }
  }

  private final class StoredPass implements Pass {

    private final long batch;
    private final long tokens;
    private final Rows stream;
    private final Rows normed;
    private final Rows inner;
    private final Rows queries;
    private final Rows keys;
    private final Rows values;
    private final Projections projections;

    StoredPass(long batch, long tokens) {
      this.batch = batch;
      this.tokens = tokens;
      int headSize = spec.shape().headSize();
      int keySize = spec.shape().keyValueHeads() * headSize;
      this.stream = rows(spec.hiddenSize());
      this.normed = rows(spec.hiddenSize());
      this.inner = rows(spec.feedForwardSize());
      this.queries = rows(spec.shape().heads() * headSize);
      this.keys = rows(keySize);
      this.values = rows(keySize);
      this.projections = new Projections(heads(queries), heads(keys), heads(values));
    }

    private Rows rows(int columns) {
      return Rows.allocate(batch * tokens, columns);
    }

    private Tensor heads(Rows projected) {
      return projected.tensor().view(batch, tokens, -1, spec.shape().headSize());
    }

    private void norm(Tensor gain, Rows to) {
      Normalization norm = Normalization.rms(spec.normEpsilon(), TorchMemory.bytesOf(gain));
      activations.norm(stream.rows(), norm, to.rows());
    }

    @Override
    public Projections project(int layer) {
      DecoderWeights.Layer own = weights.layers().get(layer);
      Linear.Stored query = stored(own.query());
      Linear.Stored key = stored(own.key());
      Linear.Stored value = stored(own.value());
      if (batches.takes(query.weight().type(), stream.count())) {
        batches.multiplyNormed(
            stream,
            own.attentionNorm(),
            List.of(query, key, value),
            List.of(queries, keys, values));
      } else {
        norm(own.attentionNorm(), normed);
        products.multiply(
            normed.rows(),
            List.of(
                output(query, queries, false),
                output(key, keys, false),
                output(value, values, false)));
      }
      return projections;
    }

    @Override
    public void finish(int layer, Tensor attended) {
      DecoderWeights.Layer own = weights.layers().get(layer);
      Tensor flat = attended.contiguous().view(batch * tokens, -1);
      multiply(Rows.of(flat), stored(own.output()), stream, true);
      Linear.Stored gate = stored(own.gate());
      Linear.Stored up = stored(own.up());
      Linear.Stored down = stored(own.down());
      if (batches.takes(gate.weight().type(), stream.count())) {
        batches.feedForward(stream, own.feedForwardNorm(), gate, up, down);
        return;
      }
      norm(own.feedForwardNorm(), normed);
      products.multiplyGated(
          normed.rows(), output(gate, inner, false), output(up, inner, false), Gating.SILU);
      multiply(inner, down, stream, true);
    }

    @Override
    public Tensor stream() {
      return stream.tensor().view(batch, tokens, spec.hiddenSize());
    }

    @Override
    public Tensor result() {
      Rows result = rows(spec.hiddenSize());
      norm(weights.norm(), result);
      if (!activations.isFinite(result.rows())) {
        examine.run();
      }
      return result.tensor().view(batch, tokens, spec.hiddenSize());
    }
  }
}
