package dev.lengthwise.attention.torch;

import dev.lengthwise.attention.Attention;
import dev.lengthwise.attention.CacheType;
import dev.lengthwise.attention.KeySpan;
import dev.lengthwise.attention.KeyValueRows;
import dev.lengthwise.attention.KeyValueShape;
import dev.lengthwise.attention.KeyValueStore;
import dev.lengthwise.attention.KeyValues;
import dev.lengthwise.attention.QueryRows;
import dev.lengthwise.attention.ReadingSteps;
import dev.lengthwise.attention.Rotation;
import dev.lengthwise.cache.KeyRotation;
import dev.lengthwise.cache.KeyValuePages;
import dev.lengthwise.cache.KeyValueTensors;
import dev.lengthwise.cache.PageForecast;
import dev.lengthwise.cache.TensorForecast;
import dev.lengthwise.position.AttentionPlan;
import dev.lengthwise.position.Branch;
import dev.lengthwise.position.FireBias;
import dev.lengthwise.position.KeySelection;
import dev.lengthwise.position.QueryKeyMap;
import dev.lengthwise.position.Region;
import dev.lengthwise.position.ScoreBias;
import dev.lengthwise.position.ScoreRule;
import dev.lengthwise.position.ScoreScale;
import dev.lengthwise.position.Weighting;
import dev.lengthwise.torch.ComputeDevice;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// The engine of libtorch operations: differentiable, on any device.
///
/// Everything runs in f32, or in f64 when the queries are f64. Of bf16 queries, which training has
/// where its products are in bf16, rotations and biases run in f32, the two products in bf16, and
/// the sums of the softmax in f32; scores and weights are rounded to bf16.
///
/// Plain attention, causal or bidirectional, over a text from its start runs in libtorch's fused
/// one, unless scores have a cap or sinks, or the text is short and in bf16: the fused attention
/// would multiply in f32, three times slower. Every other plan runs as products, masks and a
/// softmax, in blocks of query rows that bound the memory of a long text, each over the keys that
/// some row of the block may see.
///
/// An instance keeps the rotary tables of recent calls, so it belongs to one thread at a time
/// and to one device.
public final class TorchAttention implements Attention {

  /// Scores of one block of query rows; more than 64 MiB in f32 only where one row needs more.
  private static final long MAXIMUM_SCORES = 1L << 24;

  /// The longest text whose bf16 attention runs as products: the half of them that causality does
  /// not need costs less than products in f32.
  private static final int SHORT_TEXT = 512;

  /// Keys whose factors of a decay count from one place: the greatest factor is then about 20,000.
  private static final int DECAY_KEYS = 4096;

  private static final ScalarTypeOptional NO_TYPE = new ScalarTypeOptional();

  private final PositionTables tables = new PositionTables();
  private final ComputeDevice device;

  /// An engine for tensors on the processor.
  public TorchAttention() {
    this(ComputeDevice.CPU);
  }

  /// An engine for tensors on a device.
  public TorchAttention(ComputeDevice device) {
    this.device = device;
  }

  /// Keys and values are tensors on the device; on a processor those of q8_0 are pages.
  @Override
  public KeyValueStore newStore(@Nullable AttentionPlan plan, KeyValueShape shape) {
    return shape.type() == CacheType.Q8_0
        ? KeyValuePages.unrotated(shape)
        : new KeyValueTensors(shape, device);
  }

  @Override
  public long storeBytes(
      AttentionPlan plan, boolean lasts, KeyValueShape shape, ReadingSteps steps) {
    return shape.type() == CacheType.Q8_0
        ? new PageForecast(shape, List.of(KeyRotation.RAW), steps).bytes(plan)
        : new TensorForecast(shape, steps).bytes(plan.retention());
  }

  @Override
  public Tensor attend(AttentionPlan plan, QueryRows queries, KeyValues given) {
    return attend(plan, queries, given, Map.of());
  }

  /// As `attend`, with tensors in place of the numbers that the plan's method learns: gradients
  /// flow to them.
  ///
  /// @param trained tensors by the names of `LearnedParameter` and by [ScoreRule#SINKS]; a number
  ///     without one is the plan's
  public Tensor attend(
      AttentionPlan plan, QueryRows queries, KeyValues given, Map<String, Tensor> trained) {
    plan.rule().requireHeads(queries.heads());
    TorchCall call = mapped(plan, queries, given, trained);
    Tensor attended = isFused(call) ? fused(call) : inBlocks(call);
    return attended.to(queries.tensor().scalar_type());
  }

  /// The scores before they become weights, all at once: `[batch, heads, rows, keys]`, −∞ for pairs
  /// that no branch of the plan holds.
  public Tensor scores(AttentionPlan plan, QueryRows queries, KeyValues given) {
    TorchCall call = mapped(plan, queries, given, Map.of());
    return scores(call, PairPlaces.of(call.queryPlaces(), call.spans(), call.keys()));
  }

  private static TorchCall mapped(
      AttentionPlan plan, QueryRows queries, KeyValues given, Map<String, Tensor> trained) {
    KeyValueRows keyValues = given.rows();
    ScalarType type = queries.tensor().scalar_type().intern();
    ScalarType inner = type == ScalarType.Double ? ScalarType.Double : ScalarType.Float;
    Tensor mapped =
        TorchMaps.queries(plan.map(), queries.tensor().to(inner), queries.firstPosition());
    Device device = queries.tensor().device();
    return new TorchCall(
        plan,
        new QueryRows(mapped, queries.firstPosition()),
        TorchMaps.keys(
            plan.map(), TorchCall.rowsOf(keyValues.keys(), keyValues.spans()).to(device, inner)),
        TorchCall.rowsOf(keyValues.values(), keyValues.spans())
            .to(device, type == ScalarType.BFloat16 ? type : inner),
        keyValues.spans(),
        trained);
  }

  // ---- rotation

  /// Queries of `branch` as they meet keys: turned, mapped and scaled by `s(i)`, and what turns by
  /// the square of the amplitude, which is that of the keys, too.
  ///
  /// @param origin the place that factors of a decay count from
  private Tensor placedQueries(TorchCall call, Branch branch, double origin) {
    AttentionPlan plan = call.plan();
    Tensor queries = call.queries().tensor();
    Rotation rotation = new Rotation(plan.rotary(), branch.query(), plan.map(), false);
    Tensor rotated = rotated(queries, rotation, origin, List.of(call.queryPlaces()));
    long firstPosition = call.queries().firstPosition();
    Tensor mapped = TorchMaps.turnedQueries(plan.map(), queries, rotated);
    Tensor amplified = TorchMaps.amplified(mapped, plan.rotary());
    ScoreScale sharpness = new ScoreScale.Constant(plan.rotary().sharpness());
    Tensor sharpened = TorchMaps.scaled(amplified, sharpness, firstPosition);
    Tensor scaled = TorchMaps.scaled(sharpened, plan.scale(), firstPosition);
    return TorchMaps.scaled(scaled, plan.rule().scale(), firstPosition);
  }

  private Tensor placedKeys(TorchCall call, Branch branch, double origin) {
    Rotation rotation = new Rotation(call.plan().rotary(), branch.key(), call.plan().map(), true);
    return rotated(call.keys(), rotation, origin, call.spans());
  }

  /// `tensor` with every token turned to its place.
  private Tensor rotated(Tensor tensor, Rotation how, double origin, List<KeySpan> positions) {
    int pairs = how.rotary().pairs();
    if (pairs == 0) {
      return tensor;
    }
    PositionTables.Phases rotation = tables.of(how, how.decays() ? origin : 0, positions, tensor);
    Tensor first = tensor.narrow(3, 0, pairs);
    Tensor second = tensor.narrow(3, pairs, pairs);
    TensorVector parts = new TensorVector();
    parts.push_back(
        first.mul(rotation.cosine()).addcmul(second, rotation.sine(), new Scalar(-1.0)));
    parts.push_back(second.mul(rotation.cosine()).addcmul(first, rotation.sine()));
    long still = tensor.size(3) - 2L * pairs;
    if (still > 0) {
      parts.push_back(tensor.narrow(3, 2L * pairs, still));
    }
    return torch.cat(parts, 3);
  }

  /// `[batch, keys, keyValueHeads, headSize]` → `[batch, heads, keys, headSize]`.
  private static Tensor expanded(Tensor rows, int heads) {
    long keyValueHeads = rows.size(2);
    Tensor perHead = rows.transpose(1, 2);
    return keyValueHeads == heads
        ? perHead
        : perHead
            .unsqueeze(2)
            .expand(rows.size(0), keyValueHeads, heads / keyValueHeads, rows.size(1), rows.size(3))
            .reshape(rows.size(0), heads, rows.size(1), rows.size(3));
  }

  // ---- plain attention

  private static final List<Branch> CAUSAL = List.of(Branch.PLAIN);
  private static final List<Branch> BOTH_WAYS = List.of(Branch.PLAIN, Branch.PLAIN.mirrored());

  private static boolean isFused(TorchCall call) {
    boolean half = call.values().scalar_type().intern() == ScalarType.BFloat16;
    return isPlainFromStart(call) && !(half && call.rows() <= SHORT_TEXT);
  }

  private static boolean isPlainFromStart(TorchCall call) {
    KeySpan first = call.spans().getFirst();
    List<Branch> branches = call.plan().branches();
    ScoreRule rule = call.plan().rule();
    return call.plan().selection() == null
        && (branches.equals(CAUSAL) || branches.equals(BOTH_WAYS))
        && call.plan().bias().equals(ScoreBias.NONE)
        && rule.weighting() == Weighting.SOFTMAX
        && !rule.hasCap()
        && !rule.hasSinks()
        && call.queries().firstPosition() == 0
        && call.spans().size() == 1
        && first.firstPosition() == 0
        && first.count() == call.rows()
        && !(call.plan().map() instanceof QueryKeyMap.Decay && call.rows() > DECAY_KEYS);
  }

  private Tensor fused(TorchCall call) {
    Tensor queries = placedQueries(call, Branch.PLAIN, 0);
    Tensor keys = placedKeys(call, Branch.PLAIN, 0);
    int heads = call.queries().heads();
    return BlasThreads.inParallelLoop(
        () ->
            torch
                .scaled_dot_product_attention(
                    queries.transpose(1, 2),
                    expanded(keys, heads),
                    expanded(call.values().to(keys.scalar_type()), heads),
                    new TensorOptional(),
                    0,
                    call.plan().branches().equals(CAUSAL),
                    new DoubleOptional(1 / Math.sqrt(call.queries().headSize())),
                    false)
                .transpose(1, 2));
  }

  // ---- any plan

  private Tensor inBlocks(TorchCall call) {
    if (call.plan().selection() == null) {
      return inBlocksOfBranches(call);
    }
    int before = call.rows() - 1;
    Tensor last = block(call.rows(before, 1));
    return before == 0
        ? last
        : torch.cat(
            new TensorVector(inBlocksOfBranches(call.withoutSelection().rows(0, before)), last), 1);
  }

  private Tensor inBlocksOfBranches(TorchCall call) {
    long ofPair = (long) call.queries().batch() * call.queries().heads();
    if (call.plan().bias() instanceof FireBias fire) {
      ofPair = Math.max(ofPair, fire.width());
    }
    TensorVector blocks = new TensorVector();
    int most = call.rows();
    for (int row = 0; row < call.rows(); ) {
      int left = call.rows() - row;
      int rows = call.rowsOfBlock(row, Math.min(most, left), MAXIMUM_SCORES / ofPair);
      try (PointerScope _ = new PointerScope()) {
        blocks.push_back(block(call.rows(row, rows)));
      }
      row += rows;
      most = 2 * rows; // blocks grow as far as rows see more
    }
    return torch.cat(blocks, 1);
  }

  // [batch, rows, heads, valueSize]
  private Tensor block(TorchCall call) {
    Tensor values = expanded(call.values(), call.queries().heads());
    PairPlaces places = PairPlaces.of(call.queryPlaces(), call.spans(), call.keys());
    return weights(call, withSelection(call, scores(call, places), places))
        .to(values.scalar_type())
        .matmul(values)
        .transpose(1, 2);
  }

  // Of the last row of a step alone: the scores of chosen keys take the place of −∞.
  private Tensor withSelection(TorchCall call, Tensor scores, PairPlaces places) {
    KeySelection selection = call.plan().selection();
    if (selection == null) {
      return scores;
    }
    Branch candidates = selection.candidates();
    Tensor all = scores(call, candidates, places);
    Tensor found = all.add(places.outside(List.of(candidates.region()), all));
    long count = Math.min(selection.count(), found.size(3));
    T_TensorTensor_T best = found.topk(count);
    Tensor none = torch.full_like(found, new Scalar(Double.NEGATIVE_INFINITY));
    Tensor chosen = none.scatter(3, best.get1(), best.get0());
    return chosen.maximum(scores); // one of them is −∞
  }

  // Of all branches; −∞ where none holds a pair. [batch, heads, rows, keys]
  private Tensor scores(TorchCall call, PairPlaces places) {
    List<List<Branch>> groups = alike(call.plan());
    List<Branch> first = groups.getFirst();
    Tensor scores = scores(call, first.getFirst(), places);
    // A sum with zeros and −∞ in place: unlike a choice, it costs the backward pass nothing.
    scores.add_(places.outside(regions(first), scores));
    for (List<Branch> group : groups.subList(1, groups.size())) {
      Tensor inside = places.inside(regions(group));
      scores = torch.where(inside, scores(call, group.getFirst(), places), scores);
    }
    return scores;
  }

  // Branches that give every pair the same score, whichever of them holds it.
  private static List<List<Branch>> alike(AttentionPlan plan) {
    if (!plan.bias().equals(ScoreBias.NONE)) {
      return plan.branches().stream().map(List::of).toList();
    }
    return List.copyOf(
        plan.branches().stream()
            .collect(
                Collectors.groupingBy(
                    branch -> List.of(branch.query(), branch.key()),
                    LinkedHashMap::new,
                    Collectors.toList()))
            .values());
  }

  private static List<Region> regions(List<Branch> branches) {
    return branches.stream().map(Branch::region).toList();
  }

  private static Tensor weights(TorchCall call, Tensor scores) {
    return switch (call.plan().rule().weighting()) {
      case SOFTMAX ->
          call.plan().rule().hasSinks()
              ? softmaxWithSinks(call, scores)
              : torch.softmax(scores, -1);
      case SQUARED_RELU -> {
        Tensor seen = scores.isneginf().logical_not();
        yield torch.relu(scores).square().div(seen.sum(new long[] {-1}, true, NO_TYPE));
      }
    };
  }

  // The sinks are one more column of scores, whose weights meet no values.
  private static Tensor softmaxWithSinks(TorchCall call, Tensor scores) {
    Tensor given = call.trained().get(ScoreRule.SINKS);
    double[] planned = call.plan().rule().sinks();
    Tensor sinks = given == null ? Tensor.create(planned, planned.length) : given;
    Tensor column =
        sinks
            .to(scores.device(), scores.scalar_type())
            .view(1, planned.length, 1, 1)
            .expand(scores.size(0), planned.length, scores.size(2), 1);
    return torch
        .softmax(torch.cat(new TensorVector(scores, column), -1), -1)
        .narrow(3, 0, scores.size(3));
  }

  private Tensor scores(TorchCall call, Branch branch, PairPlaces places) {
    Tensor products = capped(products(call, branch), call.plan().rule());
    return call.plan().bias() instanceof ScoreBias.None
        ? products
        : products.add(new BiasTensors(places, call.trained()).of(call.plan().bias(), branch));
  }

  // In f32 at least: the cap of bf16 scores is rounded once.
  private static Tensor capped(Tensor products, ScoreRule rule) {
    if (!rule.hasCap()) {
      return products;
    }
    ScalarType type = products.scalar_type().intern();
    Tensor wide = type == ScalarType.BFloat16 ? products.to(ScalarType.Float) : products;
    return wide.mul(new Scalar(1 / rule.cap())).tanh().mul(new Scalar(rule.cap())).to(type);
  }

  private Tensor products(TorchCall call, Branch branch) {
    if (!(call.plan().map() instanceof QueryKeyMap.Decay)) {
      return products(call, branch, 0);
    }
    // Factors of a decay count from the first key of each part.
    TensorVector parts = new TensorVector();
    int firstRow = 0;
    for (KeySpan span : call.spans()) {
      for (int n = 0; n < span.count(); n += DECAY_KEYS) {
        int count = Math.min(DECAY_KEYS, span.count() - n);
        KeySpan part = new KeySpan(span.firstPosition() + n, 0, count);
        Tensor keys = call.keys().narrow(1, (long) firstRow + n, count);
        TorchCall partial =
            new TorchCall(
                call.plan(), call.queries(), keys, call.values(), List.of(part), call.trained());
        parts.push_back(products(partial, branch, branch.key().at(part.firstPosition())));
      }
      firstRow += span.count();
    }
    return torch.cat(parts, -1);
  }

  // [batch, heads, rows, keys]
  private Tensor products(TorchCall call, Branch branch, double origin) {
    ScalarType type = call.values().scalar_type();
    Tensor queries =
        placedQueries(call, branch, origin)
            .mul(new Scalar(1 / Math.sqrt(call.queries().headSize())))
            .to(type);
    Tensor keys = placedKeys(call, branch, origin).to(type);
    return queries.transpose(1, 2).matmul(expanded(keys, call.queries().heads()).transpose(2, 3));
  }
}
