// Attention of a few queries to one page of keys and values, at one width of vectors.
//
// What is computed, and the order of its sums, is that of `VectorAttentionKernels` and
// `VectorProduct`; the layout of a page is that of `PageLayout`.

// Vectors of keys, or of channels of values, whose sums are kept at once.
#undef AT_ONCE
#define AT_ONCE 4
// Most queries at once: their sums and what they are multiplied with fit the registers.
#undef QUERIES
#define QUERIES (LANES == 16 ? 4 : 2)

// Asks for what lies `ahead` bytes further on, at the same place of what is read next. The processor
// does not run ahead by itself in eight-bit numbers, of which a row is one line of memory or two; in
// others it does, and asking costs more than it gains.
ALWAYS void NAME(ask)(enum cache_type type, const uint8_t *numbers, ptrdiff_t ahead) {
  if (type == Q8) {
    __builtin_prefetch(numbers + ahead, 0, 3);
  }
}

// Some neighbouring numbers of a page, scales left out.
ALWAYS FLOATS NAME(page_numbers)(enum cache_type type, const uint8_t *page, ptrdiff_t element) {
  switch (type) {
    case F32: return LOAD_FLOATS((const float *)page + element);
    case BF16: return AS_FLOATS(SHL(WIDE_HALVES(page + 2 * element), 16));
    case Q8: return FROM_SIGNED(page + element);
  }
  __builtin_unreachable();
}

// Adds some vectors of numbers, times the factor of each query, to its sums.
//
// next: floats from the factor of a query to that of the next
ALWAYS void NAME(add_products)(
    FLOATS sums[QUERIES][AT_ONCE],
    const int queries,
    const int vectors,
    const FLOATS *numbers,
    const float *factors,
    ptrdiff_t next) {
#pragma GCC unroll 8
  for (int r = 0; r < queries; r++) {
    FLOATS x = ONE(factors[r * next]);
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      sums[r][v] = FMA(numbers[v], x, sums[r][v]);
    }
  }
}

// next: floats from the sums of a query to those of the next
ALWAYS void NAME(store_sums)(
    FLOATS sums[QUERIES][AT_ONCE],
    const int queries,
    const int vectors,
    float *to,
    ptrdiff_t next) {
#pragma GCC unroll 8
  for (int r = 0; r < queries; r++) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      STORE(to + r * next + v * LANES, sums[r][v]);
    }
  }
}

// Scores of some queries and 4 vectors of keys from `key` on.
ALWAYS void NAME(score)(
    enum cache_type type,
    const int queries,
    const uint8_t *page,
    ptrdiff_t ahead,
    int size,
    int key,
    const float *q,
    float *scores) {
  const uint8_t *scales = page + (ptrdiff_t)size * KEYS;
  FLOATS sums[QUERIES][AT_ONCE];
#pragma GCC unroll 8
  for (int r = 0; r < queries; r++) {
#pragma GCC unroll 8
    for (int v = 0; v < AT_ONCE; v++) {
      sums[r][v] = ONE(0);
    }
  }
  int group = type == Q8 ? CACHE_GROUP : size;
  for (int from = 0; from < size; from += group) {
    int until = from + group < size ? from + group : size;
    FLOATS scale[AT_ONCE];
    if (type == Q8) {
#pragma GCC unroll 8
      for (int v = 0; v < AT_ONCE; v++) {
        scale[v] = FROM_HALVES(scales + 2 * (from / CACHE_GROUP * KEYS + key + v * LANES));
      }
    }
    for (int channel = from; channel < until; channel++) {
      NAME(ask)(type, page + (ptrdiff_t)channel * KEYS + key, ahead);
      FLOATS numbers[AT_ONCE];
#pragma GCC unroll 8
      for (int v = 0; v < AT_ONCE; v++) {
        numbers[v] = NAME(page_numbers)(type, page, (ptrdiff_t)channel * KEYS + key + v * LANES);
        if (type == Q8) {
          numbers[v] = MUL(numbers[v], scale[v]);
        }
      }
      NAME(add_products)(sums, queries, AT_ONCE, numbers, q + channel, size);
    }
  }
  NAME(store_sums)(sums, queries, AT_ONCE, scores + key, KEYS);
}

// Adds the weighted values of some queries, in some vectors of channels from `channel` on.
ALWAYS void NAME(sum)(
    enum cache_type type,
    const int queries,
    const int vectors,
    const uint8_t *page,
    ptrdiff_t ahead,
    int size,
    int width,
    int channel,
    const float *weights,
    float *weighted) {
  int groups = (size + CACHE_GROUP - 1) / CACHE_GROUP;
  const uint8_t *scales = page + (ptrdiff_t)width * KEYS;
  FLOATS sums[QUERIES][AT_ONCE];
#pragma GCC unroll 8
  for (int r = 0; r < queries; r++) {
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      sums[r][v] = LOAD_FLOATS(weighted + r * (ptrdiff_t)width + channel + v * LANES);
    }
  }
  for (int key = 0; key < KEYS; key++) {
    NAME(ask)(type, page + (ptrdiff_t)key * width + channel, ahead);
    FLOATS numbers[AT_ONCE];
#pragma GCC unroll 8
    for (int v = 0; v < vectors; v++) {
      numbers[v] = NAME(page_numbers)(type, page, (ptrdiff_t)key * width + channel + v * LANES);
      if (type == Q8) {
        int group = (channel + v * LANES) / CACHE_GROUP;
        numbers[v] = MUL(numbers[v], ONE(HALF_AT(scales + 2 * (key * groups + group))));
      }
    }
    NAME(add_products)(sums, queries, vectors, numbers, weights + key, KEYS);
  }
  NAME(store_sums)(sums, queries, vectors, weighted + channel, width);
}

ALWAYS void NAME(scores)(
    enum cache_type type,
    const int queries,
    const uint8_t *page,
    ptrdiff_t ahead,
    int size,
    const float *q,
    float *scores) {
  for (int key = 0; key < KEYS; key += AT_ONCE * LANES) {
    NAME(score)(type, queries, page, ahead, size, key, q, scores);
  }
}

ALWAYS void NAME(sums)(
    enum cache_type type,
    const int queries,
    const uint8_t *page,
    ptrdiff_t ahead,
    int size,
    int width,
    const float *weights,
    float *weighted) {
  int channel = 0;
  for (; channel + AT_ONCE * LANES <= width; channel += AT_ONCE * LANES) {
    NAME(sum)(type, queries, AT_ONCE, page, ahead, size, width, channel, weights, weighted);
  }
  for (; channel < width; channel += LANES) {
    NAME(sum)(type, queries, 1, page, ahead, size, width, channel, weights, weighted);
  }
}

// 2^x, and 0 where that is no normal number.
ALWAYS FLOATS NAME(power_of_two)(FLOATS x) {
  FLOATS shifted = PLUS(x, ONE(ROUNDING));
  FLOATS r = SUB(x, SUB(shifted, ONE(ROUNDING)));
  FLOATS p = ONE(P6);
  p = FMA(p, r, ONE(P5));
  p = FMA(p, r, ONE(P4));
  p = FMA(p, r, ONE(P3));
  p = FMA(p, r, ONE(P2));
  p = FMA(p, r, ONE(P1));
  p = FMA(p, r, ONE(1));
  // Adds the whole part to the exponent; the bits of the rounder itself are shifted out.
  FLOATS power = AS_FLOATS(ADD(AS_INTS(p), SHL(AS_INTS(shifted), 23)));
  return ZERO_WHERE_LESS(x, ONE(SMALLEST_EXPONENT), power);
}

// Makes weights of the scores of a query; see `AttentionKernels.Softmax`.
ALWAYS void NAME(weigh)(float *scores, struct softmax softmax) {
  FLOATS greatest = LOAD_FLOATS(scores);
  for (int key = LANES; key < KEYS; key += LANES) {
    greatest = GREATER(greatest, LOAD_FLOATS(scores + key));
  }
  if (ANY_GREATER(greatest, ONE(*softmax.reference + HEADROOM))) {
    raise(softmax, GREATEST(greatest));
  }
  FLOATS reference = ONE(*softmax.reference);
  FLOATS total = LOAD_FLOATS(softmax.totals);
  for (int key = 0; key < KEYS; key += LANES) {
    FLOATS weight = NAME(power_of_two)(SUB(LOAD_FLOATS(scores + key), reference));
    STORE(scores + key, weight);
    total = PLUS(total, weight);
  }
  STORE(softmax.totals, total);
}

// Lets queries from `first` on see a page.
ALWAYS void NAME(see)(
    enum cache_type type,
    const int queries,
    struct head head,
    const float *q,
    struct runs runs,
    int first,
    struct softmax softmax) {
  float scores[QUERIES * KEYS];
  NAME(scores)(
      type, queries, head.keys, head.keys_ahead, head.size, q + first * (ptrdiff_t)head.size, scores);
  softmax = softmax_of(softmax, first);
  for (int r = 0; r < queries; r++) {
    if (runs.from != NULL) {
      mask(runs, first + r, scores + r * KEYS);
    }
    NAME(weigh)(scores + r * KEYS, softmax_of(softmax, r));
  }
  NAME(sums)(
      type, queries, head.values, head.values_ahead, head.value_size, softmax.width, scores,
      softmax.weighted);
}

ALWAYS void NAME(attend_in)(
    enum cache_type type,
    struct head head,
    struct runs runs,
    int queries,
    const float *q,
    struct softmax softmax) {
  int r = 0;
  for (; r + QUERIES <= queries; r += QUERIES) {
    NAME(see)(type, QUERIES, head, q, runs, r, softmax);
  }
  for (; r < queries; r++) {
    NAME(see)(type, 1, head, q, runs, r, softmax);
  }
}

// Each type has loops of its own.
static void NAME(attend)(
    enum cache_type type,
    struct head head,
    struct runs runs,
    int queries,
    const float *q,
    struct softmax softmax) {
#define CASE(name) \
  case name: \
    NAME(attend_in)(name, head, runs, queries, q, softmax); \
    break;
  switch (type) {
    CASE(F32)
    CASE(BF16)
    CASE(Q8)
  }
#undef CASE
}
