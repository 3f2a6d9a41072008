package dev.lengthwise.attention;

import dev.lengthwise.parallel.VectorWidth;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The loops of the vector engine on the Vector API; what they compute stands in [ScalarKernels].
final class VectorKernels implements Kernels {

  static final VectorKernels INSTANCE = new VectorKernels();

  private static final VectorSpecies<Float> SPECIES = VectorWidth.floats();
  private static final int LANES = SPECIES.length();
  private static final VectorSpecies<Integer> INTS = SPECIES.withLanes(int.class);
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(SPECIES.vectorBitSize() / 2));
  // There are no vectors of 32 bits: at the narrowest width a load serves two vectors of floats.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * LANES)));
  private static final int PARTS = BYTES.length() / LANES;

  // Adding and subtracting 1.5 · 2²³ rounds to the nearest whole number, and leaves that number in
  // the lowest bits of the sum.
  private static final float ROUNDER = 12582912f;
  private static final float SMALLEST_EXPONENT = -126;
  private static final int MANTISSA_BITS = 23;

  // Minimax polynomial of 2^r on |r| <= 1/2 (Remez, relative error below 2e-9, constant set to 1).
  private static final float P1 = (float) 0.6931472057372676;
  private static final float P2 = (float) 0.24022646890634652;
  private static final float P3 = (float) 0.055503287769653374;
  private static final float P4 = (float) 0.009618488957075231;
  private static final float P5 = (float) 0.0013399931219193481;
  private static final float P6 = (float) 0.00015345812011544304;

  private VectorKernels() {}

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
        ScalarKernels.raise(softmax, row, greatest.reduceLanes(VectorOperators.MAX));
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

  /// `2^x` in every lane, within 2 units in the last place; see [ScalarKernels#exp2].
  static FloatVector exp2(FloatVector x) {
    VectorMask<Float> vanishes = x.compare(VectorOperators.LT, SMALLEST_EXPONENT);
    FloatVector shifted = x.add(ROUNDER);
    FloatVector r = x.sub(shifted.sub(ROUNDER));
    FloatVector p = FloatVector.broadcast(SPECIES, P6);
    p = p.fma(r, FloatVector.broadcast(SPECIES, P5));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P4));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P3));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P2));
    p = p.fma(r, FloatVector.broadcast(SPECIES, P1));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    // Adds the whole part to the exponent; the bits of the rounder itself are shifted out.
    IntVector exponent = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
    return p.reinterpretAsInts().add(exponent).reinterpretAsFloats().blend(0f, vanishes);
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
  public void turn(float[] vector, int at, float[] phases, int token, int pairs) {
    int cosines = token * 2 * pairs;
    int vectorised = SPECIES.loopBound(pairs);
    turnVectors(vector, at, phases, cosines, pairs, vectorised);
    ScalarKernels.turn(vector, at, phases, cosines, pairs, vectorised);
  }

  @Override
  public void turnKeys(float[] keys, float[] phases, int pairs) {
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
      switch (layout.kind()) {
        case KEYS -> readQ8Keys(layout, page, base, target);
        case VALUES -> readQ8Values(layout, page, base, target);
      }
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

  // Decodes neighbours that have no scale.
  private static void widen(
      CacheType type, MemorySegment page, long from, int count, float[] target, int to) {
    if (type == CacheType.F32) {
      MemorySegment.copy(page, ValueLayout.JAVA_FLOAT_UNALIGNED, from, target, to, count);
      return;
    }
    for (int at = 0; at < count; at += LANES) {
      ShortVector.fromMemorySegment(
              SHORTS, page, from + (long) at * Short.BYTES, ByteOrder.nativeOrder())
          .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0)
          .reinterpretAsInts()
          .lanewise(VectorOperators.LSHL, 16)
          .reinterpretAsFloats()
          .intoArray(target, to + at);
    }
  }

  // Scales run along the keys, as the elements do.
  private static void readQ8Keys(PageLayout layout, MemorySegment page, long base, float[] target) {
    float[] scales = new float[KEYS];
    for (int group = 0; group < layout.groups(); group++) {
      for (int key = 0; key < KEYS; key++) {
        scales[key] = scale(layout, page, base, key, group);
      }
      int first = group * layout.type().group();
      int until = Math.min(layout.size(), first + layout.type().group());
      for (int channel = first; channel < until; channel++) {
        for (int key = 0; key < KEYS; key += BYTES.length()) {
          int at = channel * KEYS + key;
          ByteVector bytes =
              ByteVector.fromMemorySegment(BYTES, page, base + at, ByteOrder.nativeOrder());
          for (int part = 0; part < PARTS; part++) {
            widened(bytes, part)
                .mul(FloatVector.fromArray(SPECIES, scales, key + part * LANES))
                .intoArray(target, at + part * LANES);
          }
        }
      }
    }
  }

  private static void readQ8Values(
      PageLayout layout, MemorySegment page, long base, float[] target) {
    int width = layout.width();
    int group = layout.type().group();
    for (int token = 0; token < KEYS; token++) {
      for (int first = 0; first < width; first += group) {
        float scale = scale(layout, page, base, token, first / group);
        int until = Math.min(width, first + group);
        for (int channel = first; channel < until; channel += BYTES.length()) {
          int at = layout.element(token, channel);
          int to = layout.decodedElement(token, channel);
          ByteVector bytes =
              ByteVector.fromMemorySegment(BYTES, page, base + at, ByteOrder.nativeOrder());
          for (int part = 0; part < PARTS; part++) {
            widened(bytes, part).mul(scale).intoArray(target, to + part * LANES);
          }
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
