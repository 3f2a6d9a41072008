package dev.lengthwise.model;

import dev.lengthwise.matrix.Activation;
import dev.lengthwise.matrix.Activations;
import dev.lengthwise.matrix.FloatRows;
import dev.lengthwise.matrix.Gating;
import dev.lengthwise.matrix.MatrixProducts;
import dev.lengthwise.matrix.Normalization;
import dev.lengthwise.matrix.Output;
import dev.lengthwise.torch.TorchMemory;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The verbs on weights as they lie in memory, for inference.
///
/// A few tokens run in the kernels of `matrix`: three parallel regions a layer beside attention,
/// with no call of libtorch between them, in memory that all layers share. Many tokens run in
/// libtorch's matrix products ([BatchProducts]). Texts of one token each, `[batch, 1]`, are
/// multiplied row by row: each gets what it would get alone, bit for bit.
final class MappedOperations implements Operations {

  private static final MemoryFormatOptional NO_FORMAT = new MemoryFormatOptional();

  private final MatrixProducts products;
  private final Activations activations;
  private final BatchProducts batches;
  private final Runnable examine;
  private final Map<BoundNorm, Normalization> normalizations = new ConcurrentHashMap<>();

  MappedOperations(MappedArithmetic arithmetic) {
    this.products = arithmetic.products();
    this.activations = products.activations();
    this.batches = new BatchProducts(products, arithmetic.bf16());
    this.examine = arithmetic.examine();
  }

  static Projection.Mapped mapped(Projection projection) {
    return switch (projection) {
      case Projection.Mapped mapped -> mapped;
      case Projection.Dense _ ->
          throw new IllegalArgumentException("kernels need weights in place");
    };
  }

  private Normalization known(BoundNorm norm) {
    return normalizations.computeIfAbsent(norm, MappedOperations::normalization);
  }

  static Normalization normalization(BoundNorm norm) {
    return new Normalization(
        switch (norm.norm().kind()) {
          case RMS -> Normalization.Kind.RMS;
          case LAYER -> Normalization.Kind.LAYER;
          case NONE -> throw new IllegalArgumentException("there is no norm");
        },
        norm.norm().epsilon(),
        norm.gain() == null ? null : TorchMemory.bytesOf(norm.gain()),
        norm.bias() == null ? null : TorchMemory.bytesOf(norm.bias()));
  }

  @Override
  public Pass start(long batch, long tokens) {
    return new MappedPass(batch > 1 && tokens == 1);
  }

  private record Room(Slot slot, ScalarType type, long columns) {}

  private final class MappedPass implements Pass {

    private final @Nullable PointerScope callers = PointerScope.getInnerScope();
    private final Map<Room, Rows> memory = new HashMap<>();
    private final boolean apart;

    /// @param apart whether every token gets what it would get alone, bit for bit
    MappedPass(boolean apart) {
      this.apart = apart;
    }

    private Rows memory(Slot slot, Rows like, long columns) {
      return memory(slot, like, columns, ScalarType.Float);
    }

    // Memory is used again for every layer, and by experts, each of which has another number of
    // tokens; it belongs to the caller's scope.
    private Rows memory(Slot slot, Rows like, long columns, ScalarType type) {
      Room room = new Room(slot, type, columns);
      Rows found = memory.get(room);
      if (found == null || found.count() < like.count()) {
        found = fresh(type, like.batch(), like.tokens(), columns);
        memory.put(room, found);
      }
      return found.first(like.batch(), like.tokens());
    }

    private Rows fresh(ScalarType type, long... shape) {
      Rows rows = Rows.of(torch.empty(shape, new TensorOptions(type), NO_FORMAT));
      rows.keepIn(callers);
      return rows;
    }

    @Override
    public Rows embed(Slot slot, Tensor ids, Projection table, double scale) {
      Tensor own = ids.contiguous();
      long[] tokens = TorchMemory.bytesOf(own).toArray(ValueLayout.JAVA_LONG);
      int[] rows = new int[tokens.length];
      for (int n = 0; n < rows.length; n++) {
        rows[n] = Math.toIntExact(tokens[n]);
      }
      Projection.Mapped weights = mapped(table);
      long columns = weights.weight().columns();
      Rows target = fresh(ScalarType.Float, ids.size(0), ids.size(1), columns);
      products.decodeRows(weights.weight(), rows, 0, rows.length, target.floats().memory(), false);
      if (scale != 1) {
        target.tensor().mul_(new Scalar(scale));
      }
      return target;
    }

    @Override
    public Rows normed(Rows rows, BoundNorm norm) {
      if (!norm.exists()) {
        return rows;
      }
      Rows target = memory(Slot.MIXER_NORM, rows, rows.columns());
      if (target == rows) {
        target = memory(Slot.FEED_FORWARD_NORM, rows, rows.columns());
      }
      activations.norm(rows.floats(), known(norm), target.floats());
      return target;
    }

    private boolean isLarge(Projection projection, Rows rows) {
      return !apart && batches.takes(mapped(projection).weight().type(), rows.count());
    }

    @Override
    public List<Rows> project(
        Rows rows, BoundNorm norm, List<Slot> slots, List<Projection> projections) {
      List<Rows> targets = new ArrayList<>(slots.size());
      for (int n = 0; n < slots.size(); n++) {
        targets.add(memory(slots.get(n), rows, projections.get(n).outputs()));
      }
      if (isLarge(projections.getFirst(), rows)) {
        batches.multiply(rows, norm, projections, targets);
      } else {
        FloatRows input = input(wide(normed(rows, norm)));
        List<Output> outputs = new ArrayList<>(slots.size());
        for (int n = 0; n < slots.size(); n++) {
          outputs.add(output(projections.get(n), targets.get(n)));
        }
        products.multiply(input, outputs);
      }
      return targets;
    }

    @Override
    public Rows product(Slot slot, Rows rows, Projection projection) {
      return project(rows, BoundNorm.NONE, List.of(slot), List.of(projection)).getFirst();
    }

    private static Rows contiguous(Rows rows) {
      return rows.tensor().is_contiguous() ? rows : Rows.of(rows.tensor().contiguous());
    }

    // Inner channels of many tokens are bf16 where products are.
    private static Rows wide(Rows rows) {
      return rows.tensor().element_size() == Float.BYTES
          ? contiguous(rows)
          : Rows.of(rows.tensor().to(ScalarType.Float));
    }

    private FloatRows input(Rows rows) {
      return apart ? rows.floats().eachApart() : rows.floats();
    }

    private static Output output(Projection projection, Rows target) {
      Projection.Mapped own = mapped(projection);
      return new Output(own.weight(), own.bias(), own.places(), target.floats(), false);
    }

    @Override
    public Rows gated(Rows rows, BoundNorm norm, Projection gate, Projection up, Gating gating) {
      if (isLarge(up, rows)) {
        Rows target = memory(Slot.UP, rows, up.outputs(), batches.type());
        batches.gated(rows, norm, mapped(gate), mapped(up), gating, target);
        return target;
      }
      Rows target = memory(Slot.UP, rows, up.outputs());
      products.multiplyGated(
          input(normed(rows, norm)), output(gate, target), output(up, target), gating);
      return target;
    }

    @Override
    public Rows activated(Rows rows, BoundNorm norm, Projection up, Activation activation) {
      if (isLarge(up, rows)) {
        Rows target = memory(Slot.UP, rows, up.outputs(), batches.type());
        batches.activated(rows, norm, mapped(up), activation, target);
        return target;
      }
      Rows target = memory(Slot.UP, rows, up.outputs());
      products.multiplyActivated(input(normed(rows, norm)), output(up, target), activation);
      return target;
    }

    @Override
    public Rows headNormed(Rows rows, BoundNorm norm, Mixer.HeadNorm.Extent extent, int heads) {
      switch (extent) {
        case WHOLE -> activations.norm(rows.floats(), known(norm), rows.floats());
        case HEAD -> normHeads(rows, norm, heads);
        case EACH_HEAD -> {
          normHeads(rows, new BoundNorm(norm.norm().with(false, false), null, null), heads);
          if (norm.gain() != null) {
            rows.tensor().mul_(norm.gain());
          }
          if (norm.bias() != null) {
            rows.tensor().add_(norm.bias());
          }
        }
      }
      return rows;
    }

    private void normHeads(Rows rows, BoundNorm norm, int heads) {
      FloatRows vectors = rows.floats(rows.columns() / heads);
      activations.norm(vectors, known(norm), vectors);
    }

    @Override
    public Rows attended(
        LayerAttention attention,
        int layer,
        Rows queries,
        int heads,
        Rows keys,
        Rows values,
        int keyValueHeads) {
      if (!attention.attendsInMemory(layer)) {
        return Pass.super.attended(attention, layer, queries, heads, keys, values, keyValueHeads);
      }
      long valueSize = values.columns() / keyValueHeads;
      Rows target = memory(Slot.ATTENTION_OUTPUT, queries, heads * valueSize);
      attention.attend(
          layer,
          queries.headRows(heads),
          keys.headRows(keyValueHeads),
          values.headRows(keyValueHeads),
          target.headRows(heads));
      return target;
    }

    @Override
    public Rows clamped(Rows rows, double bound) {
      rows.tensor()
          .clamp_(new ScalarOptional(new Scalar(-bound)), new ScalarOptional(new Scalar(bound)));
      return rows;
    }

    @Override
    public Rows add(Rows stream, Rows rows, Projection projection, double scale) {
      if (isLarge(projection, rows)) {
        batches.add(contiguous(rows), mapped(projection), stream, scale);
      } else {
        Projection.Mapped weights = mapped(projection);
        products.multiply(
            input(wide(rows)),
            List.of(
                new Output(
                    weights.weight(),
                    weights.bias(),
                    weights.places(),
                    stream.floats(),
                    true,
                    (float) scale)));
      }
      return stream;
    }

    @Override
    public Rows add(Rows stream, Rows rows, double scale) {
      stream.tensor().add_(rows.tensor(), new Scalar(scale));
      return stream;
    }

    @Override
    public Tensor result(Rows stream, BoundNorm norm) {
      Rows result = fresh(ScalarType.Float, stream.tensor().sizes().vec().get());
      if (norm.exists()) {
        activations.norm(stream.floats(), known(norm), result.floats());
      } else {
        result.tensor().copy_(stream.tensor());
      }
      if (!activations.isFinite(result.floats())) {
        examine.run();
      }
      return result.tensor();
    }
  }
}
