// Passes over the activations of single tokens, at one width of vectors.
//
// What is computed, and the order of its sums, is that of `VectorNorms`, `VectorMatrixKernels` and
// `Exponential`.

ALWAYS float NAME(lanes_sum)(FLOATS a) {
#if LANES == 16
  __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
#else
  __m256 eight = a;
#endif
  __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

static void NAME(rms)(const float *x, int columns, double epsilon, const float *gain, float *y) {
  int whole = columns / LANES * LANES;
  FLOATS sum = ONE(0);
  for (int c = 0; c < whole; c += LANES) {
    sum = FMA(LOAD_FLOATS(x + c), LOAD_FLOATS(x + c), sum);
  }
  float squares = NAME(lanes_sum)(sum);
  for (int c = whole; c < columns; c++) {
    squares += x[c] * x[c];
  }
  float factor = (float)(1 / sqrt(squares / columns + epsilon));
  for (int c = 0; c < whole; c += LANES) {
    FLOATS scaled = MUL(LOAD_FLOATS(x + c), ONE(factor));
    STORE(y + c, gain == NULL ? scaled : MUL(scaled, LOAD_FLOATS(gain + c)));
  }
  for (int c = whole; c < columns; c++) {
    float scaled = x[c] * factor;
    y[c] = gain == NULL ? scaled : scaled * gain[c];
  }
}

static void NAME(layer)(
    const float *x, int columns, double epsilon, const float *gain, const float *bias, float *y) {
  int whole = columns / LANES * LANES;
  FLOATS sums = ONE(0);
  for (int c = 0; c < whole; c += LANES) {
    sums = PLUS(sums, LOAD_FLOATS(x + c));
  }
  float sum = NAME(lanes_sum)(sums);
  for (int c = whole; c < columns; c++) {
    sum += x[c];
  }
  float mean = sum / columns;
  FLOATS rests = ONE(0);
  FLOATS powers = ONE(0);
  for (int c = 0; c < whole; c += LANES) {
    FLOATS deviation = SUB(LOAD_FLOATS(x + c), ONE(mean));
    rests = PLUS(rests, deviation);
    powers = FMA(deviation, deviation, powers);
  }
  float rest = NAME(lanes_sum)(rests);
  float squares = NAME(lanes_sum)(powers);
  for (int c = whole; c < columns; c++) {
    float deviation = x[c] - mean;
    rest += deviation;
    squares += deviation * deviation;
  }
  double shift = (double)rest / columns;
  double variance = squares / columns - shift * shift;
  variance = variance > 0 || isnan(variance) ? variance : 0;
  float factor = (float)(1 / sqrt(variance + epsilon));
  for (int c = 0; c < whole; c += LANES) {
    FLOATS centred = SUB(SUB(LOAD_FLOATS(x + c), ONE(mean)), ONE((float)shift));
    FLOATS scaled = MUL(centred, ONE(factor));
    scaled = gain == NULL ? scaled : MUL(scaled, LOAD_FLOATS(gain + c));
    STORE(y + c, bias == NULL ? scaled : PLUS(scaled, LOAD_FLOATS(bias + c)));
  }
  for (int c = whole; c < columns; c++) {
    float scaled = (float)(x[c] - (mean + shift)) * factor;
    scaled = gain == NULL ? scaled : scaled * gain[c];
    y[c] = bias == NULL ? scaled : scaled + bias[c];
  }
}

// e^x: see `Exponential`.
ALWAYS FLOATS NAME(exponential)(FLOATS x) {
  FLOATS clamped = LESSER(ONE(HIGHEST_POWER), GREATER(x, ONE(LOWEST_POWER)));
  FLOATS n = SUB(PLUS(MUL(clamped, ONE(LOG2_E)), ONE(ROUNDING)), ONE(ROUNDING));
  FLOATS r = PLUS(MUL(n, ONE(-LN2_HIGH)), clamped);
  r = PLUS(MUL(n, ONE(-LN2_LOW)), r);
  FLOATS p = ONE(1.9875691500e-4f);
  p = FMA(p, r, ONE(1.3981999507e-3f));
  p = FMA(p, r, ONE(8.3334519073e-3f));
  p = FMA(p, r, ONE(4.1665795894e-2f));
  p = FMA(p, r, ONE(1.6666665459e-1f));
  p = FMA(p, r, ONE(5.0000001201e-1f));
  p = PLUS(FMA(p, MUL(r, r), r), ONE(1));
  FLOATS power = AS_FLOATS(SHL(ADD(TO_INTS(n), ALL(127)), 23));
  FLOATS result = ZERO_WHERE_LESS(x, ONE(LOWEST_POWER), MUL(p, power));
  return CHOOSE_WHERE_LESS(ONE(HIGHEST_POWER), x, ONE(INFINITY), result);
}

// gate = silu(gate) · up, of whole vectors.
static void NAME(silu_gate)(float *gate, const float *up, int count) {
  for (int i = 0; i + LANES <= count; i += LANES) {
    FLOATS x = LOAD_FLOATS(gate + i);
    FLOATS negative = AS_FLOATS(XOR(AS_INTS(x), ALL((int32_t)0x80000000)));
    FLOATS sigmoid = DIVIDE(x, PLUS(NAME(exponential)(negative), ONE(1)));
    STORE(gate + i, MUL(sigmoid, LOAD_FLOATS(up + i)));
  }
}
