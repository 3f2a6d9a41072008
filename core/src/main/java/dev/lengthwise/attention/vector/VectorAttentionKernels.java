package dev.lengthwise.attention.vector;

import dev.lengthwise.attention.CacheType;
import dev.lengthwise.cache.PageLayout;
import dev.lengthwise.cache.PageWriter;
import dev.lengthwise.parallel.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/// The loops of the vector engine on the Vector API; what they compute stands in
/// [ScalarAttentionKernels].
final class VectorAttentionKernels implements AttentionKernels {

  // A constant, so that its calls are compiled into their callers.
  private static final @Nullable CompiledAttention COMPILED = CompiledAttention.best().orElse(null);

  /// The kernels of this machine.
  static final VectorAttentionKernels INSTANCE = new VectorAttentionKernels(COMPILED != null);

  /// Those without the one in C.
  static final VectorAttentionKernels IN_JAVA = new VectorAttentionKernels(false);

  private static final VectorSpecies<Float> SPECIES = VectorWidth.floats();
  private static final int LANES = SPECIES.length();
  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));
  // There are no vectors of 32 bits: at the narrowest width a load serves two vectors of floats.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));
  private static final int PARTS = BYTES.length() / LANES;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final long F32_BYTES = (long) LANES * Float.BYTES;
  private static final long BF16_BYTES = (long) LANES * Short.BYTES;

  // Vectors that the kernels of single rows take at once.
  private static final int AT_ONCE = 4;

  // Adding and subtracting 1.5 · 2²³ rounds to the nearest whole number, and leaves that number in
  // the lowest bits of the sum.
  private static final float ROUNDER = 12582912f;
  private static final float SMALLEST_EXPONENT = -126;
  private static final int MANTISSA_BITS = 23;
  private static final float LOG2_E = (float) (1 / Math.log(2));

  // (2^x − 1) / (2^x + 1) is the float 1 from here on.
  private static final float TANH_IS_ONE = 30;

  // Minimax polynomial of 2^r on |r| <= 1/2 (Remez, relative error below 2e-9, constant set to 1).
  private static final float P1 = (float) 0.6931472057372676;
  private static final float P2 = (float) 0.24022646890634652;
  private static final float P3 = (float) 0.055503287769653374;
  private static final float P4 = (float) 0.009618488957075231;
  private static final float P5 = (float) 0.0013399931219193481;
  private static final float P6 = (float) 0.00015345812011544304;

  private final boolean compiled;

  private VectorAttentionKernels(boolean compiled) {
    this.compiled = compiled;
  }

  @Override
  public boolean attendsAtOnce() {
    return compiled;
  }

  @Override
  public void attend(Pages pages, @Nullable Runs runs, float[] queries, int rows, Softmax softmax) {
    if (compiled && COMPILED != null) {
      COMPILED.attend(pages, runs, queries, rows, softmax);
    } else {
      AttentionKernels.super.attend(pages, runs, queries, rows, softmax);
    }
  }

  @Override
  public void multiply(Product product, int fromRow, int untilRow, boolean add) {
    VectorProduct.multiply(product, fromRow, untilRow, add);
  }

  @Override
  public void weigh(Softmax softmax, float[] scores, int fromRow, int untilRow) {
    float[] references = softmax.reference();
    float[] totals = softmax.totals();
    for (int row = fromRow; row < untilRow; row++) {
      int first = row * KEYS;
      FloatVector greatest = FloatVector.fromArray(SPECIES, scores, first);
      for (int key = LANES; key < KEYS; key += LANES) {
        greatest = greater(greatest, FloatVector.fromArray(SPECIES, scores, first + key));
      }
      if (greatest.compare(VectorOperators.GT, references[row] + HEADROOM).anyTrue()) {
        ScalarAttentionKernels.raise(softmax, row, greatest.reduceLanes(VectorOperators.MAX));
      }
      FloatVector reference = FloatVector.broadcast(SPECIES, references[row]);
      FloatVector total = FloatVector.fromArray(SPECIES, totals, row * PARTIAL_SUMS);
      for (int key = 0; key < KEYS; key += LANES) {
        FloatVector score = FloatVector.fromArray(SPECIES, scores, first + key);
        FloatVector weight = exp2(score.sub(reference));
        weight.intoArray(scores, first + key);
        total = total.add(weight);
      }
      total.intoArray(totals, row * PARTIAL_SUMS);
    }
  }

  // `max` of the Vector API also orders zeros and not-a-numbers, which takes three times as long.
  private static FloatVector greater(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(VectorOperators.GT, a));
  }

  /// `2^x` in every lane, within 2 units in the last place; see [ScalarAttentionKernels#exp2].
  static FloatVector exp2(FloatVector x) {
    VectorMask<Float> vanishes = x.compare(VectorOperators.LT, SMALLEST_EXPONENT);
    FloatVector shifted = x.add(ROUNDER);
    FloatVector r = x.sub(shifted.sub(ROUNDER));
    FloatVector p = slopeOfPower(r).fma(r, FloatVector.broadcast(SPECIES, 1f));
    // Adds the whole part to the exponent; the bits of the rounder itself are shifted out.
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
    return p.reinterpretAsInts().add(exponent).reinterpretAsFloats().blend(0f, vanishes);
  }

  // (2^r − 1) / r for |r| <= 1/2.
  private static FloatVector slopeOfPower(FloatVector r) {
    FloatVector p = FloatVector.broadcast(SPECIES, P6);
    p = p.fma(r, FloatVector.broadcast(SPECIES, P5));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P4));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P3));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P2));
    return p.fma(r, FloatVector.broadcast(SPECIES, P1));
  }

  // In units of log 2 a cap c is c·log₂e, so that e^(2x/(c·log₂e)) is 2^(2x/c).
  @Override
  public void cap(float cap, float[] scores, int fromRow, int untilRow) {
    float steepness = 2 * LOG2_E / cap;
    for (int at = fromRow * KEYS; at < untilRow * KEYS; at += LANES) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
      FloatVector power = score.abs().mul(steepness);
      power = power.blend(TANH_IS_ONE, power.compare(VectorOperators.GT, TANH_IS_ONE));
      FloatVector grown = powerLessOne(power);
      FloatVector capped = grown.div(grown.add(2f)).mul(cap);
      capped.blend(capped.neg(), score.compare(VectorOperators.LT, 0f)).intoArray(scores, at);
    }
  }

  // 2^x − 1 for 0 <= x <= TANH_IS_ONE. Nothing cancels: with the whole part n and the rest r of x
  // it is 2^n (2^r − 1) + (2^n − 1), and where n is 0 the second term is exactly 0.
  private static FloatVector powerLessOne(FloatVector x) {
    FloatVector shifted = x.add(ROUNDER);
    FloatVector r = x.sub(shifted.sub(ROUNDER));
    FloatVector whole =
        shifted
            .reinterpretAsInts()
            .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
            .add(Float.floatToRawIntBits(1f))
            .reinterpretAsFloats();
    return slopeOfPower(r).mul(r).fma(whole, whole.sub(1f));
  }

  @Override
  public void addBias(Bias bias, float[] scores, int fromRow, int untilRow) {
    for (int row = fromRow; row < untilRow; row++) {
      FloatVector slope = FloatVector.broadcast(SPECIES, bias.slopes()[row]);
      float query = bias.queryPositions()[row];
      for (int key = 0; key < KEYS; key += LANES) {
        int at = row * KEYS + key;
        FloatVector distance = FloatVector.fromArray(SPECIES, bias.keyPositions(), key).sub(query);
        distance.fma(slope, FloatVector.fromArray(SPECIES, scores, at)).intoArray(scores, at);
      }
    }
  }

  @Override
  public void rotate(float[] vector, int at, float[] phases, int token, int pairs) {
    if (compiled && COMPILED != null) {
      COMPILED.rotate(vector, at, phases, token, pairs);
      return;
    }
    int cosines = token * 2 * pairs;
    int vectorised = SPECIES.loopBound(pairs);
    turnVectors(vector, at, phases, cosines, pairs, vectorised);
    PageWriter.turn(vector, at, phases, token, pairs, vectorised);
  }

  @Override
  public void rotateKeys(float[] keys, float[] phases, int pairs) {
    turnVectors(keys, 0, phases, 0, pairs * KEYS, pairs * KEYS);
  }

  // Turns `count` numbers at `at` with those `half` behind, by `count` cosines and the sines `half`
  // behind them.
  private static void turnVectors(
      float[] numbers, int at, float[] phases, int cosines, int half, int count) {
    for (int n = 0; n < count; n += LANES) {
      FloatVector low = FloatVector.fromArray(SPECIES, numbers, at + n);
      FloatVector high = FloatVector.fromArray(SPECIES, numbers, at + half + n);
      FloatVector cos = FloatVector.fromArray(SPECIES, phases, cosines + n);
      FloatVector sin = FloatVector.fromArray(SPECIES, phases, cosines + half + n);
      low.mul(cos).sub(high.mul(sin)).intoArray(numbers, at + n);
      low.mul(sin).add(high.mul(cos)).intoArray(numbers, at + half + n);
    }
  }

  @Override
  public void read(PageLayout layout, MemorySegment page, int head, float[] target) {
    long base = head * layout.headBytes();
    if (layout.type() == CacheType.Q8_0) {
      readQ8(layout, page, base, target);
    } else if (layout.kind() == PageLayout.Kind.KEYS || layout.width() == STRIDE) {
      widen(layout.type(), page, base, layout.elements(), target, 0);
    } else {
      for (int token = 0; token < KEYS; token++) {
        for (int channel = 0; channel < layout.width(); channel += STRIDE) {
          long at = base + (long) layout.element(token, channel) * layout.type().elementBytes();
          int count = Math.min(STRIDE, layout.width() - channel);
          widen(layout.type(), page, at, count, target, layout.decodedElement(token, channel));
        }
      }
    }
  }

  // Decodes neighbours that have no scale. This and the other loops over pages have more than 325
  // bytecodes on purpose: the compiler then compiles each by itself. As parts of a greater method
  // they get beyond what it inlines, and every vector becomes an object (4 GB/s in place of 16).
  private static void widen(
      CacheType type, MemorySegment page, long from, int count, float[] target, int to) {
    if (type == CacheType.F32) {
      for (int at = 0; at < count; at += 2 * LANES) {
        long source = from + (long) at * Float.BYTES;
        FloatVector.fromMemorySegment(SPECIES, page, source, ORDER).intoArray(target, to + at);
        if (at + LANES < count) {
          FloatVector.fromMemorySegment(SPECIES, page, source + F32_BYTES, ORDER)
              .intoArray(target, to + at + LANES);
        }
      }
      return;
    }
    int at = 0;
    for (; at + AT_ONCE * LANES <= count; at += AT_ONCE * LANES) {
      long source = from + (long) at * Short.BYTES;
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, page, source + 0L * BF16_BYTES, ORDER);
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, page, source + 1L * BF16_BYTES, ORDER);
      ShortVector h2 = ShortVector.fromMemorySegment(SHORTS, page, source + 2L * BF16_BYTES, ORDER);
      ShortVector h3 = ShortVector.fromMemorySegment(SHORTS, page, source + 3L * BF16_BYTES, ORDER);
      floats(h0).intoArray(target, to + at);
      floats(h1).intoArray(target, to + at + LANES);
      floats(h2).intoArray(target, to + at + 2 * LANES);
      floats(h3).intoArray(target, to + at + 3 * LANES);
    }
    for (; at < count; at += LANES) {
      ShortVector half =
          ShortVector.fromMemorySegment(SHORTS, page, from + (long) at * Short.BYTES, ORDER);
      floats(half).intoArray(target, to + at);
    }
  }

  // Scales of keys run along the keys, as their elements do.
  private static void readQ8(PageLayout layout, MemorySegment page, long base, float[] target) {
    int group = layout.type().group();
    int width = layout.width();
    if (layout.kind() == PageLayout.Kind.VALUES) {
      for (int token = 0; token < KEYS; token++) {
        for (int first = 0; first < width; first += group) {
          float scale = scale(layout, page, base, token, first / group);
          int until = Math.min(width, first + group);
          for (int channel = first; channel < until; channel += BYTES.length()) {
            int at = layout.element(token, channel);
            int to = layout.decodedElement(token, channel);
            ByteVector bytes = ByteVector.fromMemorySegment(BYTES, page, base + at, ORDER);
            for (int part = 0; part < PARTS; part++) {
              widened(bytes, part).mul(scale).intoArray(target, to + part * LANES);
            }
          }
        }
      }
      return;
    }
    float[] scales = new float[KEYS];
    for (int first = 0; first < layout.size(); first += group) {
      for (int key = 0; key < KEYS; key++) {
        scales[key] = scale(layout, page, base, key, first / group);
      }
      int until = Math.min(layout.size(), first + group);
      for (int channel = first; channel < until; channel++) {
        for (int key = 0; key < KEYS; key += BYTES.length()) {
          int at = channel * KEYS + key;
          ByteVector bytes = ByteVector.fromMemorySegment(BYTES, page, base + at, ORDER);
          for (int part = 0; part < PARTS; part++) {
            widened(bytes, part)
                .mul(FloatVector.fromArray(SPECIES, scales, key + part * LANES))
                .intoArray(target, at + part * LANES);
          }
        }
      }
    }
  }

  @Override
  public void scoreRow(
      PageLayout layout, MemorySegment page, int head, float[] queries, int row, float[] scores) {
    long base = head * layout.headBytes();
    int first = row * layout.size();
    for (int key = 0; key < KEYS; key += AT_ONCE * LANES) {
      if (layout.type() == CacheType.Q8_0) {
        scoreQ8(layout, page, base, key, queries, first, scores, row * KEYS + key);
      } else {
        scorePlain(layout, page, base, key, queries, first, scores, row * KEYS + key);
      }
    }
  }

  // Four vectors of keys at a time: four sums hide the latency of their additions, and a line of
  // bf16 keys has 32.
  private static void scorePlain(
      PageLayout layout,
      MemorySegment page,
      long base,
      int key,
      float[] q,
      int first,
      float[] scores,
      int to) {
    FloatVector s0 = FloatVector.zero(SPECIES);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int size = layout.size();
    if (layout.type() == CacheType.F32) {
      for (int channel = 0; channel < size; channel++) {
        long at = base + ((long) channel * KEYS + key) * Float.BYTES;
        FloatVector x = FloatVector.broadcast(SPECIES, q[first + channel]);
        s0 = FloatVector.fromMemorySegment(SPECIES, page, at + 0L * F32_BYTES, ORDER).fma(x, s0);
        s1 = FloatVector.fromMemorySegment(SPECIES, page, at + 1L * F32_BYTES, ORDER).fma(x, s1);
        s2 = FloatVector.fromMemorySegment(SPECIES, page, at + 2L * F32_BYTES, ORDER).fma(x, s2);
        s3 = FloatVector.fromMemorySegment(SPECIES, page, at + 3L * F32_BYTES, ORDER).fma(x, s3);
      }
    } else {
      for (int channel = 0; channel < size; channel++) {
        long at = base + ((long) channel * KEYS + key) * Short.BYTES;
        FloatVector x = FloatVector.broadcast(SPECIES, q[first + channel]);
        ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, page, at + 0L * BF16_BYTES, ORDER);
        s0 = floats(h0).fma(x, s0);
        ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, page, at + 1L * BF16_BYTES, ORDER);
        s1 = floats(h1).fma(x, s1);
        ShortVector h2 = ShortVector.fromMemorySegment(SHORTS, page, at + 2L * BF16_BYTES, ORDER);
        s2 = floats(h2).fma(x, s2);
        ShortVector h3 = ShortVector.fromMemorySegment(SHORTS, page, at + 3L * BF16_BYTES, ORDER);
        s3 = floats(h3).fma(x, s3);
      }
    }
    s0.intoArray(scores, to);
    s1.intoArray(scores, to + LANES);
    s2.intoArray(scores, to + 2 * LANES);
    s3.intoArray(scores, to + 3 * LANES);
  }

  private static void scoreQ8(
      PageLayout layout,
      MemorySegment page,
      long base,
      int key,
      float[] q,
      int first,
      float[] scores,
      int to) {
    float[] scales = new float[AT_ONCE * LANES];
    Arrays.fill(scores, to, to + AT_ONCE * LANES, 0);
    for (int group = 0; group < layout.groups(); group++) {
      for (int n = 0; n < scales.length; n++) {
        scales[n] = scale(layout, page, base, key + n, group);
      }
      int from = group * layout.type().group();
      int until = Math.min(layout.size(), from + layout.type().group());
      for (int low = 0; low < AT_ONCE * LANES; low += 2 * BYTES.length()) {
        int high = low + BYTES.length();
        int second = (PARTS - 1) * LANES; // in a vector of bytes, where it makes two of floats
        FloatVector s0 = FloatVector.fromArray(SPECIES, scores, to + low);
        FloatVector s1 = FloatVector.fromArray(SPECIES, scores, to + high);
        FloatVector s2 = FloatVector.fromArray(SPECIES, scores, to + low + second);
        FloatVector s3 = FloatVector.fromArray(SPECIES, scores, to + high + second);
        FloatVector m0 = FloatVector.fromArray(SPECIES, scales, low);
        FloatVector m1 = FloatVector.fromArray(SPECIES, scales, high);
        FloatVector m2 = FloatVector.fromArray(SPECIES, scales, low + second);
        FloatVector m3 = FloatVector.fromArray(SPECIES, scales, high + second);
        for (int channel = from; channel < until; channel++) {
          long at = base + (long) channel * KEYS + key + low;
          FloatVector x = FloatVector.broadcast(SPECIES, q[first + channel]);
          ByteVector one = ByteVector.fromMemorySegment(BYTES, page, at, ORDER);
          ByteVector two = ByteVector.fromMemorySegment(BYTES, page, at + BYTES.length(), ORDER);
          s0 = widened(one, 0).mul(m0).fma(x, s0);
          s1 = widened(two, 0).mul(m1).fma(x, s1);
          if (PARTS == 2) {
            s2 = widened(one, 1).mul(m2).fma(x, s2);
            s3 = widened(two, 1).mul(m3).fma(x, s3);
          }
        }
        s0.intoArray(scores, to + low);
        s1.intoArray(scores, to + high);
        if (PARTS == 2) {
          s2.intoArray(scores, to + low + LANES);
          s3.intoArray(scores, to + high + LANES);
        }
      }
    }
  }

  private static FloatVector floats(ShortVector halves) {
    return halves
        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0)
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  @Override
  public void sumRow(
      PageLayout layout, MemorySegment page, int head, float[] weights, int row, float[] weighted) {
    long base = head * layout.headBytes();
    int to = row * layout.width();
    if (layout.type() == CacheType.Q8_0) {
      sumQ8(layout, page, base, weights, row * KEYS, weighted, to);
      return;
    }
    int channel = 0;
    for (; channel + AT_ONCE * LANES <= layout.width(); channel += AT_ONCE * LANES) {
      sumPlain(layout, page, base, channel, weights, row * KEYS, weighted, to + channel);
    }
    for (; channel < layout.width(); channel += LANES) {
      sumOne(layout, page, base, channel, weights, row * KEYS, weighted, to + channel);
    }
  }

  private static void sumPlain(
      PageLayout layout,
      MemorySegment page,
      long base,
      int channel,
      float[] weights,
      int from,
      float[] weighted,
      int to) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, weighted, to);
    FloatVector s1 = FloatVector.fromArray(SPECIES, weighted, to + LANES);
    FloatVector s2 = FloatVector.fromArray(SPECIES, weighted, to + 2 * LANES);
    FloatVector s3 = FloatVector.fromArray(SPECIES, weighted, to + 3 * LANES);
    int width = layout.width();
    if (layout.type() == CacheType.F32) {
      for (int key = 0; key < KEYS; key++) {
        long at = base + ((long) key * width + channel) * Float.BYTES;
        FloatVector x = FloatVector.broadcast(SPECIES, weights[from + key]);
        s0 = FloatVector.fromMemorySegment(SPECIES, page, at + 0L * F32_BYTES, ORDER).fma(x, s0);
        s1 = FloatVector.fromMemorySegment(SPECIES, page, at + 1L * F32_BYTES, ORDER).fma(x, s1);
        s2 = FloatVector.fromMemorySegment(SPECIES, page, at + 2L * F32_BYTES, ORDER).fma(x, s2);
        s3 = FloatVector.fromMemorySegment(SPECIES, page, at + 3L * F32_BYTES, ORDER).fma(x, s3);
      }
    } else {
      for (int key = 0; key < KEYS; key++) {
        long at = base + ((long) key * width + channel) * Short.BYTES;
        FloatVector x = FloatVector.broadcast(SPECIES, weights[from + key]);
        ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, page, at + 0L * BF16_BYTES, ORDER);
        s0 = floats(h0).fma(x, s0);
        ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, page, at + 1L * BF16_BYTES, ORDER);
        s1 = floats(h1).fma(x, s1);
        ShortVector h2 = ShortVector.fromMemorySegment(SHORTS, page, at + 2L * BF16_BYTES, ORDER);
        s2 = floats(h2).fma(x, s2);
        ShortVector h3 = ShortVector.fromMemorySegment(SHORTS, page, at + 3L * BF16_BYTES, ORDER);
        s3 = floats(h3).fma(x, s3);
      }
    }
    s0.intoArray(weighted, to);
    s1.intoArray(weighted, to + LANES);
    s2.intoArray(weighted, to + 2 * LANES);
    s3.intoArray(weighted, to + 3 * LANES);
  }

  // The same for a single vector of channels.
  private static void sumOne(
      PageLayout layout,
      MemorySegment page,
      long base,
      int channel,
      float[] weights,
      int from,
      float[] weighted,
      int to) {
    FloatVector sum = FloatVector.fromArray(SPECIES, weighted, to);
    boolean f32 = layout.type() == CacheType.F32;
    for (int key = 0; key < KEYS; key++) {
      long at = base + (long) layout.element(key, channel) * layout.type().elementBytes();
      FloatVector x = FloatVector.broadcast(SPECIES, weights[from + key]);
      FloatVector value =
          f32
              ? FloatVector.fromMemorySegment(SPECIES, page, at, ORDER)
              : floats(ShortVector.fromMemorySegment(SHORTS, page, at, ORDER));
      sum = value.fma(x, sum);
    }
    sum.intoArray(weighted, to);
  }

  private static void sumQ8(
      PageLayout layout,
      MemorySegment page,
      long base,
      float[] weights,
      int from,
      float[] weighted,
      int to) {
    int width = layout.width();
    int group = layout.type().group();
    for (int first = 0; first < width; first += group) {
      int until = Math.min(width, first + group);
      for (int channel = first; channel < until; channel += BYTES.length()) {
        FloatVector s0 = FloatVector.fromArray(SPECIES, weighted, to + channel);
        FloatVector s1 =
            PARTS == 2 ? FloatVector.fromArray(SPECIES, weighted, to + channel + LANES) : s0;
        for (int key = 0; key < KEYS; key += 2) {
          long at = base + (long) key * width + channel;
          float even = scale(layout, page, base, key, first / group);
          float odd = scale(layout, page, base, key + 1, first / group);
          FloatVector x = FloatVector.broadcast(SPECIES, weights[from + key]);
          FloatVector y = FloatVector.broadcast(SPECIES, weights[from + key + 1]);
          ByteVector one = ByteVector.fromMemorySegment(BYTES, page, at, ORDER);
          ByteVector two = ByteVector.fromMemorySegment(BYTES, page, at + width, ORDER);
          s0 = widened(two, 0).mul(odd).fma(y, widened(one, 0).mul(even).fma(x, s0));
          if (PARTS == 2) {
            s1 = widened(two, 1).mul(odd).fma(y, widened(one, 1).mul(even).fma(x, s1));
          }
        }
        s0.intoArray(weighted, to + channel);
        if (PARTS == 2) {
          s1.intoArray(weighted, to + channel + LANES);
        }
      }
    }
  }

  private static FloatVector widened(ByteVector bytes, int part) {
    return (FloatVector) bytes.convertShape(VectorOperators.B2F, SPECIES, part);
  }

  private static float scale(
      PageLayout layout, MemorySegment page, long base, int token, int group) {
    return Float.float16ToFloat(
        page.get(ValueLayout.JAVA_SHORT_UNALIGNED, base + layout.scaleOffset(token, group)));
  }
}
