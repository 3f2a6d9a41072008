package dev.lengthwise.matrix;

import dev.lengthwise.parallel.VectorWidth;
import dev.lengthwise.parallel.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Products of weights, as they are stored, with the activations of a few tokens; activations and
/// sums are f32 ([ActivationPrecision] names the exception).
///
/// Rows of weights are shared out in pieces whose size depends on the matrix only, and every output
/// has a sum of its own: neither the number of threads nor the other outputs of a call change a
/// bit. With rows side by side, up to 16 tokens have the results of each alone.
public final class MatrixProducts {

  /// Bytes of weights of one task: some 10 µs of reading, against less than one to begin a task and
  /// until the processor foresees what it reads.
  private static final long TASK_BYTES = 512 << 10;

  /// A matrix has at least so many tasks, so that threads end together.
  private static final int TASKS = 8;

  /// Rows of a task are a multiple of this, so that kernels work on full groups of rows.
  private static final int ROWS = RowGroups.ROWS;

  /// Most rows of a task.
  private static final int MOST_ROWS = 256;

  /// Rows of a block that is decoded at once.
  private static final int DECODED_ROWS = 4;

  /// Most tokens that are multiplied with rows side by side; for more, rows are decoded first.
  private static final int MOST_GROUPED = 16;

  /// Bytes of weights that one task looks through.
  private static final long EXAMINED_BYTES = 1 << 20;

  private static final Cleaner CLEANER = Cleaner.create();

  private final Workers workers;
  private final MatrixKernels kernels;
  private final boolean repacks;
  private final ActivationPrecision precision;
  private final Map<WeightMatrix, Optional<RowGroups>> repacked = new ConcurrentHashMap<>();

  private final GroupMemory copies = new GroupMemory();
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  /// Products that share their work among `workers`, with the best kernels of this processor, and
  /// repack weights where there are vectors.
  public MatrixProducts(Workers workers) {
    this(workers, VectorWidth.vectorised());
  }

  /// @param repacks whether weights of the types of [GroupLayout] are copied at their first product
  ///     with at most 16 tokens, 16 rows side by side: faster, for as much private memory as they
  ///     take in the file; results differ in the last bits. Weights must not change or move
  public MatrixProducts(Workers workers, boolean repacks) {
    this(workers, repacks, ActivationPrecision.F32);
  }

  /// @param precision of activations in products with copied weights
  public MatrixProducts(Workers workers, boolean repacks, ActivationPrecision precision) {
    this(workers, MatrixKernels.best(), repacks, precision);
  }

  /// The specification: the same products with loops over single weights.
  public static MatrixProducts scalar(Workers workers) {
    return new MatrixProducts(workers, new ScalarMatrixKernels(), false, ActivationPrecision.F32);
  }

  MatrixProducts(
      Workers workers, MatrixKernels kernels, boolean repacks, ActivationPrecision precision) {
    this.workers = workers;
    this.kernels = kernels;
    this.repacks = repacks;
    this.precision = precision;
    CLEANER.register(this, copies::close);
  }

  /// Whether kernels in C multiply activations of 8 bits. Without them activations stay f32 for
  /// Q8_0, IQ4_NL, IQ4_XS and MXFP4.
  public static boolean hasCompiledKernels() {
    return CompiledProducts.best().isPresent();
  }

  /// Passes over activations, with the same threads and kernels.
  public Activations activations() {
    return new Activations(workers, kernels, scratch);
  }

  /// Multiplies some matrices with the same activations, in one parallel region.
  ///
  /// @param inputs a row of `columns` floats for each token
  public void multiply(FloatRows inputs, List<Output> outputs) {
    int[] firstTask = new int[outputs.size() + 1];
    Prepared[] prepared = new Prepared[outputs.size()];
    Map<GroupLayout, RoundedTokens> rounded = new EnumMap<>(GroupLayout.class);
    for (int n = 0; n < outputs.size(); n++) {
      check(inputs, outputs.get(n));
      prepared[n] = prepare(inputs, outputs.get(n), rounded);
      firstTask[n + 1] = firstTask[n] + tasks(outputs.get(n).weight());
    }
    workers.run(
        firstTask[outputs.size()],
        scratch::get,
        (task, own) -> {
          int n = 0;
          while (task >= firstTask[n + 1]) {
            n++;
          }
          Output output = outputs.get(n);
          int rows = taskRows(output.weight());
          int first = (task - firstTask[n]) * rows;
          int count = Math.min(rows, output.weight().rows() - first);
          float[] sums = own.sums(count * inputs.count());
          RowGroups groups = prepared[n].groups;
          RoundedTokens tokens = prepared[n].tokens;
          if (groups != null && tokens != null) {
            tokens.multiply(kernels, output, groups, first, count, sums, own);
          } else {
            products(prepared[n], inputs, first, count, sums, own);
            kernels.finish(output, first, count, sums);
          }
        });
  }

  /// Multiplies one matrix without bias.
  public void multiply(WeightMatrix weight, FloatRows inputs, FloatRows target) {
    multiply(inputs, List.of(new Output(weight, target)));
  }

  /// `target = gating(gate · x, up · x)`, the first half of a gated feed-forward block.
  ///
  /// @param gate its target is not used
  /// @param up of the same shape; the results go to its target
  public void multiplyGated(FloatRows inputs, Output gate, Output up, Gating gating) {
    checkInner(inputs, gate);
    checkInner(inputs, up);
    Map<GroupLayout, RoundedTokens> rounded = new EnumMap<>(GroupLayout.class);
    Prepared preparedGate = prepare(inputs, gate, rounded);
    Prepared preparedUp = prepare(inputs, up, rounded);
    int rows = Math.min(taskRows(gate.weight()), taskRows(up.weight()));
    int all = up.weight().rows();
    workers.run(
        (all + rows - 1) / rows,
        scratch::get,
        (task, own) -> {
          int first = task * rows;
          int count = Math.min(rows, all - first);
          float[] gates = own.gates(count * inputs.count());
          float[] ups = own.sums(count * inputs.count());
          if (gating.isSilu() && areTogether(preparedGate, preparedUp)) {
            RowGroups ofGate = Objects.requireNonNull(preparedGate.groups);
            RowGroups ofUp = Objects.requireNonNull(preparedUp.groups);
            Objects.requireNonNull(preparedUp.tokens)
                .multiplySilu(kernels, up, ofGate, ofUp, first, count, gates, ups, own);
            return;
          }
          products(preparedGate, inputs, first, count, gates, own);
          MatrixKernels.addBias(gate, first, count, gates);
          products(preparedUp, inputs, first, count, ups, own);
          MatrixKernels.addBias(up, first, count, ups);
          kernels.gate(gating, gates, ups, count * inputs.count());
          kernels.store(up, first, count, gates);
        });
  }

  // Whether both are multiplied with the same rounded tokens, and nothing is added to them.
  private static boolean areTogether(Prepared gate, Prepared up) {
    return gate.tokens != null
        && gate.tokens == up.tokens
        && gate.output.bias() == null
        && up.output.bias() == null;
  }

  /// `target = activation(up · x)`, the first half of a feed-forward block without gate.
  public void multiplyActivated(FloatRows inputs, Output up, Activation activation) {
    checkInner(inputs, up);
    Prepared prepared = prepare(inputs, up, new EnumMap<>(GroupLayout.class));
    int rows = taskRows(up.weight());
    int all = up.weight().rows();
    workers.run(
        tasks(up.weight()),
        scratch::get,
        (task, own) -> {
          int first = task * rows;
          int count = Math.min(rows, all - first);
          float[] sums = own.sums(count * inputs.count());
          products(prepared, inputs, first, count, sums, own);
          MatrixKernels.addBias(up, first, count, sums);
          kernels.activate(activation, sums, count * inputs.count());
          kernels.store(up, first, count, sums);
        });
  }

  // What is put through a function afterwards.
  private static void checkInner(FloatRows inputs, Output output) {
    check(inputs, output);
    if (output.factor() != 1) {
      throw new IllegalArgumentException("inner products have no factor: " + output.factor());
    }
  }

  private static void check(FloatRows inputs, Output output) {
    if (inputs.columns() != output.weight().columns()
        || inputs.count() != output.target().count()) {
      throw new IllegalArgumentException(
          "a matrix of %d columns cannot be multiplied with rows of %d; %d tokens in, %d out"
              .formatted(
                  output.weight().columns(),
                  inputs.columns(),
                  inputs.count(),
                  output.target().count()));
    }
  }

  /// Bytes of the copy of a matrix with 16 rows side by side; 0 where its type has none.
  ///
  /// @param precision of activations
  public static long repackedBytes(
      WeightType type, int rows, int columns, ActivationPrecision precision) {
    GroupLayout layout = layout(type, columns, precision, MatrixKernels.best());
    return layout == null ? 0 : RowGroups.bytes(layout, rows, columns);
  }

  /// Whether matrices of a type can have copies with 16 rows side by side.
  public static boolean hasCopies(WeightType type, int columns) {
    GroupLayout layout = GroupLayout.of(type);
    return layout != null && columns % layout.columns() == 0;
  }

  /// Whether products with copies of a type round activations on this machine.
  public static boolean rounds(WeightType type, ActivationPrecision precision) {
    GroupLayout layout = GroupLayout.of(type);
    return layout != null && rounds(layout, precision, MatrixKernels.best());
  }

  // That of the copy of a matrix; `null` where it would serve nothing.
  private static @Nullable GroupLayout layout(
      WeightType type, int columns, ActivationPrecision precision, MatrixKernels kernels) {
    GroupLayout layout = GroupLayout.of(type);
    return layout != null
            && hasCopies(type, columns)
            && (layout.hasFloatProducts() || rounds(layout, precision, kernels))
        ? layout
        : null;
  }

  private static boolean rounds(
      GroupLayout layout, ActivationPrecision precision, MatrixKernels kernels) {
    boolean wanted =
        switch (precision) {
          case F32 -> false;
          case MIXED -> layout.hasFloatProducts();
          case Q8 -> true;
        };
    return wanted && kernels.rounds(layout);
  }

  // An output with what its products need beside the file: its rows side by side or `null`, and the
  // tokens as whole numbers or `null` where they stay as they are.
  private record Prepared(
      Output output, @Nullable RowGroups groups, @Nullable RoundedTokens tokens) {}

  /// Prepares an output; runs before the threads share out its rows.
  ///
  /// @param rounded tokens of outputs before, which serve all of the same layout
  private Prepared prepare(
      FloatRows inputs, Output output, Map<GroupLayout, RoundedTokens> rounded) {
    RowGroups groups = repacked(inputs, output);
    if (groups == null || !rounds(groups.layout(), precision, kernels)) {
      return new Prepared(output, groups, null);
    }
    RoundedTokens tokens =
        rounded.computeIfAbsent(
            groups.layout(), layout -> kernels.round(layout, inputs, scratch.get()));
    return new Prepared(output, groups, tokens);
  }

  // What is asked for few tokens at a time, or for each alone; `null` where the weights stay as
  // they are.
  private @Nullable RowGroups repacked(FloatRows inputs, Output output) {
    WeightMatrix weight = output.weight();
    boolean few = inputs.apart() || inputs.count() <= MOST_GROUPED;
    return repacks && few && layout(weight.type(), weight.columns(), precision, kernels) != null
        ? repacked.computeIfAbsent(weight, this::repack).orElse(null)
        : null;
  }

  // A matrix with scales that are not finite is left to the kernels that show it in the results.
  private Optional<RowGroups> repack(WeightMatrix weight) {
    GroupLayout layout = layout(weight.type(), weight.columns(), precision, kernels);
    return layout != null && notFinite(weight) == 0
        ? Optional.of(RowGroups.of(weight, layout, kernels, workers, copies))
        : Optional.empty();
  }

  private static int taskRows(WeightMatrix weight) {
    long rows = Math.min(TASK_BYTES / weight.rowBytes(), weight.rows() / TASKS);
    return Math.clamp(rows / ROWS * ROWS, ROWS, MOST_ROWS);
  }

  private static int tasks(WeightMatrix weight) {
    int rows = taskRows(weight);
    return (weight.rows() + rows - 1) / rows;
  }

  // sums: [rows, tokens]
  private void products(
      Prepared prepared, FloatRows inputs, int first, int rows, float[] sums, Scratch own) {
    Output output = prepared.output;
    WeightMatrix weight = output.weight();
    RowGroups groups = prepared.groups;
    int tokens = inputs.count();
    boolean together = tokens >= kernels.leastTogether() && tokens <= MOST_GROUPED;
    if (groups != null && prepared.tokens != null) {
      prepared.tokens.products(groups, first, rows, sums, own);
    } else if (groups != null && together) {
      kernels.dot(groups, first, rows, inputs, sums, own);
    } else if (isTogether(weight, inputs)) {
      kernels.dot(weight.type(), weight.addressOf(first), rows, inputs, sums, own);
    } else if (groups != null || isOneByOne(weight, inputs)) {
      oneByOne(prepared, inputs, first, rows, sums, own);
    } else {
      Arrays.fill(sums, 0, rows * tokens, 0);
      for (int row = 0; row < rows; row += DECODED_ROWS) {
        int count = Math.min(DECODED_ROWS, rows - row);
        addColumnBlocks(weight, inputs, first + row, count, sums, row * tokens, own);
      }
    }
  }

  private boolean isTogether(WeightMatrix weight, FloatRows inputs) {
    return weight.scales() == null
        && kernels.isTogether(weight.type())
        && inputs.count() >= kernels.leastTogether()
        && (inputs.apart() || inputs.count() <= MOST_GROUPED);
  }

  // Numbers with scales are decoded first, which gives one token the bits that it has among others.
  private boolean isOneByOne(WeightMatrix weight, FloatRows inputs) {
    return weight.scales() == null
        && (inputs.apart() || inputs.count() <= kernels.mostAlone(weight.type()));
  }

  private void oneByOne(
      Prepared prepared, FloatRows inputs, int first, int rows, float[] sums, Scratch own) {
    WeightMatrix weight = prepared.output.weight();
    RowGroups groups = prepared.groups;
    own.oneByOne(
        inputs.count(),
        rows,
        sums,
        (token, single) -> {
          long input = inputs.addressOf(token);
          if (groups == null) {
            long address = weight.addressOf(first);
            kernels.dot(weight.type(), address, rows, weight.columns(), input, single, 0, own);
          } else {
            kernels.dot(groups, first, rows, input, single, 0, own);
          }
        });
  }

  private void addColumnBlocks(
      WeightMatrix weight,
      FloatRows inputs,
      int first,
      int rows,
      float[] sums,
      int at,
      Scratch own) {
    for (int from = 0; from < weight.columns(); from += MatrixKernels.COLUMN_BLOCK) {
      int count = Math.min(MatrixKernels.COLUMN_BLOCK, weight.columns() - from);
      for (int row = 0; row < rows; row++) {
        decode(weight, first + row, from, count, own, row * MatrixKernels.COLUMN_BLOCK);
      }
      kernels.addColumnBlock(
          own.columnBlock,
          MatrixKernels.COLUMN_BLOCK,
          rows,
          count,
          inputs.addressOf(0) + (long) from * Float.BYTES,
          inputs.columns(),
          inputs.count(),
          sums,
          at);
    }
  }

  // Weights of one row from a column on, to the column block from index `at` on.
  private void decode(WeightMatrix weight, int row, int from, int count, Scratch own, int at) {
    WeightType type = weight.type();
    long address = weight.addressOf(row) + type.bytes(from);
    kernels.decode(type, address, count, own.columnBlock, at);
    if (weight.scales() != null) {
      weight.scales().apply(row, from, count, own.columnBlock, at);
    }
  }

  /// A weight that is not finite, or 0 when all are finite.
  public float notFinite(WeightMatrix weight) {
    AtomicReference<Float> found =
        new AtomicReference<>(weight.scales() == null ? 0f : weight.scales().notFinite());
    int rows = Math.clamp(EXAMINED_BYTES / weight.rowBytes(), 1, weight.rows());
    workers.run(
        (weight.rows() + rows - 1) / rows,
        () -> weight,
        (task, matrix) -> {
          int first = task * rows;
          long count = (long) Math.min(rows, matrix.rows() - first) * matrix.columns();
          float value = kernels.notFinite(matrix.type(), matrix.addressOf(first), count);
          if (value != 0) {
            found.set(value);
          }
        });
    return found.get();
  }

  /// Decodes rows to f32, or rounds them to bf16, for products of many tokens.
  ///
  /// @param rows which rows, in the order of the result; `null` for all rows from `first` on
  /// @param first index of the first in `rows`
  /// @param target `[count, columns]`
  public void decodeRows(
      WeightMatrix weight,
      int @Nullable [] rows,
      int first,
      int count,
      MemorySegment target,
      boolean bf16) {
    long width = (long) weight.columns() * (bf16 ? Short.BYTES : Float.BYTES);
    if (target.byteSize() < count * width || !target.isNative()) {
      throw new IllegalArgumentException("the target of decoded rows is too small");
    }
    workers.run(
        (count + DECODED_ROWS - 1) / DECODED_ROWS,
        scratch::get,
        (task, own) -> {
          int until = Math.min(count, (task + 1) * DECODED_ROWS);
          for (int n = task * DECODED_ROWS; n < until; n++) {
            int row = rows == null ? first + n : rows[first + n];
            decodeRow(weight, row, target.address() + n * width, bf16, own);
          }
        });
  }

  private void decodeRow(WeightMatrix weight, int row, long target, boolean bf16, Scratch own) {
    for (int from = 0; from < weight.columns(); from += MatrixKernels.COLUMN_BLOCK) {
      int count = Math.min(MatrixKernels.COLUMN_BLOCK, weight.columns() - from);
      decode(weight, row, from, count, own, 0);
      long address = target + (long) from * (bf16 ? Short.BYTES : Float.BYTES);
      kernels.put(own.columnBlock, count, address, bf16);
    }
  }
}
