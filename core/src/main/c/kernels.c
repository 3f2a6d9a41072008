// Products of weights with activations of 8 bits, for which the Vector API has no instructions,
// attention of few tokens to keys and values that come from memory, in which Java leaves too little
// room for loads to run ahead, and what else a token runs through: here it is fast from the first
// token on, in Java only once it has been compiled.
//
// The Java classes of `dev.lengthwise.matrix` say what is computed: `GroupLayout` how weights lie,
// `IntegerInput` how activations are rounded, `GroupIntegers` what a product is. Sums of whole
// numbers are exact and those of floats have one order, so results are equal to the bit to those of
// `GroupIntegers`, for any number of tokens and at every width. The option -ffp-contract=off is
// needed for that. All other functions have the bits of their Java twins; norms, products of floats
// and attention those of the same width. The text is GNU C: Clang does not know its pragmas.
#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ROWS 16
#define BLOCK 32
// Most tokens whose sums are kept at once.
#define MOST 8
#define ALWAYS static inline __attribute__((always_inline))

// As `CompiledProducts` numbers them.
enum layout { Q4_0, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4, Q8_0 };

// What a layout is made of: see `GroupLayout`.
struct shape {
  int columns;      // of a unit
  int part_columns; // that share a scale
  int numbers;      // where the numbers of a unit begin
  int part_bytes;
  int zero; // what is taken from numbers that are read without sign; 128: they have eight bits
};

ALWAYS struct shape shape_of(enum layout layout) {
  switch (layout) {
    case Q4_0: return (struct shape){64, 32, 64, 4 * 64, 8};
    case Q4_K: return (struct shape){256, 32, 320, 4 * 64, 0};
    case Q5_K: return (struct shape){256, 32, 320, 5 * 64, 0};
    case Q6_K: return (struct shape){256, 16, 320, 3 * 64, 32};
    case IQ4_NL: return (struct shape){64, 32, 64, 4 * 64, 128};
    case IQ4_XS: return (struct shape){256, 32, 192, 4 * 64, 128};
    case MXFP4: return (struct shape){64, 32, 64, 4 * 64, 128};
    case Q8_0: return (struct shape){64, 32, 64, 8 * 64, 128};
  }
  __builtin_unreachable();
}

ALWAYS int unit_bytes(struct shape shape) {
  return shape.numbers + shape.columns / shape.part_columns * shape.part_bytes;
}

// Bytes of the blocks of a unit in a file.
ALWAYS int file_bytes(enum layout layout) {
  switch (layout) {
    case Q4_0: return 2 * 18;
    case Q4_K: return 144;
    case Q5_K: return 176;
    case Q6_K: return 210;
    case IQ4_NL: return 2 * 18;
    case IQ4_XS: return 136;
    case MXFP4: return 2 * 17;
    case Q8_0: return 2 * 34;
  }
  __builtin_unreachable();
}

// The rounded activations of a token, as they lie in memory: numbers in the order in which kernels
// unpack weights, the scale of each block, the sum of its numbers times its scale, and less the zero
// times the sum of its numbers of each part.
struct token {
  const int8_t *numbers;
  const float *scales;
  const float *sums;
  const int32_t *zeros;
};

ALWAYS size_t token_bytes(int columns) {
  size_t blocks = columns / BLOCK;
  return blocks * (BLOCK + 2 * sizeof(float) + 2 * sizeof(int32_t));
}

ALWAYS struct token token_at(const uint8_t *tokens, int n, int columns) {
  int blocks = columns / BLOCK;
  struct token token;
  token.numbers = (const int8_t *)(tokens + n * token_bytes(columns));
  token.scales = (const float *)(token.numbers + columns);
  token.sums = token.scales + blocks;
  token.zeros = (const int32_t *)(token.sums + blocks);
  return token;
}

// Which column of a part each byte of the unpacked weights belongs to. A lane of four-bit numbers is
// two vectors of bytes: the even numbers, then the odd ones.
static const uint8_t FOURS[32] = {0,  2,  4,  6,  1,  3,  5,  7,  8,  10, 12, 14, 9,  11, 13, 15,
                                  16, 18, 20, 22, 17, 19, 21, 23, 24, 26, 28, 30, 25, 27, 29, 31};
static const uint8_t FIVES[32] = {0,  1,  3,  4,  6,  7,  9, 10, 12, 13, 15, 16, 18, 19, 21, 22,
                                  24, 25, 27, 28, 2, 8, 5, 11, 14, 20, 17, 23, 26, 30, 29, 31};
static const uint8_t SIXES[32] = {0,  1,  2,  3,  4,  6,  7,  8,  5,  11, 12, 13, 9,  10, 14, 15,
                                  16, 17, 18, 19, 20, 22, 23, 24, 21, 27, 28, 29, 25, 26, 30, 31};
static const uint8_t EIGHTS[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

ALWAYS const uint8_t *order_of(enum layout layout) {
  switch (layout) {
    case Q5_K: return FIVES;
    case Q6_K: return SIXES;
    case Q8_0: return EIGHTS;
    default: return FOURS;
  }
}

// `Levels`
static const int8_t UNEVEN[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113};
static const int8_t DOUBLED[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// As `CompiledAttention` numbers them; what a page holds: `PageLayout`.
enum cache_type { F32, BF16, Q8 };

// Weights that are multiplied as they lie in the file, as `CompiledPasses` numbers them.
enum plain { PLAIN_F32, PLAIN_BF16, PLAIN_F16, PLAIN_Q8_0 };

// Tokens of a page, channels that share a scale, and those of which values have a multiple.
#define KEYS 64
#define CACHE_GROUP 32
#define PADDING 16

// Adding it rounds to whole numbers, ties to even.
#define ROUNDING 0x1.8p23f
#define LARGEST 127.0f

ALWAYS int32_t bits_of(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

ALWAYS float float_of(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

ALWAYS uint16_t half_at(const uint8_t *p) {
  uint16_t half;
  memcpy(&half, p, sizeof half);
  return half;
}

// A number in half precision; files may lie at any address.
#define HALF_AT(p) _cvtsh_ss(half_at(p))

// The state of some queries: `AttentionKernels.Softmax`, whose constants follow.
struct softmax {
  float *reference;
  float *totals;
  float *weighted;
  int width;
};
#define HEADROOM 16
#define PARTIAL_SUMS 16

// Those of `VectorAttentionKernels`: a polynomial of 2^r.
#define SMALLEST_EXPONENT -126
#define P1 (float)0.6931472057372676
#define P2 (float)0.24022646890634652
#define P3 (float)0.055503287769653374
#define P4 (float)0.009618488957075231
#define P5 (float)0.0013399931219193481
#define P6 (float)0.00015345812011544304

// Those of `Exponential`.
#define LOWEST_POWER -87.3f
#define HIGHEST_POWER 88.0f
#define LOG2_E 1.4426950408889634f
// ln 2 in two parts.
#define LN2_HIGH 0.693359375f
#define LN2_LOW -2.12194440e-4f

// The keys of a page that queries see: of each of some positions `[from, until)`. Queries are in the
// order of positions, `group` of each. Without `from` they see all.
struct runs {
  const int32_t *from;
  const int32_t *until;
  int group;
};

// The keys and values of a head in a page, and how far behind them lies what is read next: 0 for
// nothing.
struct head {
  const uint8_t *keys;
  const uint8_t *values;
  ptrdiff_t keys_ahead;
  ptrdiff_t values_ahead;
  int size;       // channels of a key
  int value_size; // and of a value
};

// The state from a query on.
ALWAYS struct softmax softmax_of(struct softmax softmax, int query) {
  softmax.reference += query;
  softmax.totals += query * PARTIAL_SUMS;
  softmax.weighted += query * (ptrdiff_t)softmax.width;
  return softmax;
}

// GNU C compiles what stands between push and pop for processors that have these instructions,
// whatever else the library runs on.
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
// `ScalarAttentionKernels.raise`: what is whole stays whole, so the exponent is all that changes.
static void raise(struct softmax softmax, float score) {
  float before = *softmax.reference;
  float after = _mm_cvtss_f32(_mm_ceil_ss(_mm_set_ss(0), _mm_set_ss(score)));
  float lower = before - after;
  float shrink = lower < SMALLEST_EXPONENT ? 0 : float_of(((int)lower + 127) << 23);
  *softmax.reference = after;
  for (int n = 0; n < PARTIAL_SUMS; n++) {
    softmax.totals[n] *= shrink;
  }
  for (int n = 0; n < softmax.width; n++) {
    softmax.weighted[n] *= shrink;
  }
}

ALWAYS float greatest_of(__m256 a) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
  __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

// Scores of keys that a query does not see.
static void mask(struct runs runs, int query, float *scores) {
  int from = runs.from[query / runs.group];
  int until = runs.until[query / runs.group];
  for (int key = 0; key < KEYS; key++) {
    scores[key] = key >= from && key < until ? scores[key] : -INFINITY;
  }
}

#include "packing.h"

#define NAME(name) name##_256
#define LANES 8
#include "vectors.h"
#include "products.h"
#include "attention.h"
#include "activations.h"
#include "dots.h"
#undef NAME
#undef LANES
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")
#define NAME(name) name##_512
#define LANES 16
#include "vectors.h"
#include "products.h"
#include "attention.h"
#include "activations.h"
#include "dots.h"
#undef NAME
#undef LANES
#pragma GCC pop_options

// Bits of the vectors that this processor has kernels for here: 512, 256 or 0.
int lengthwise_vector_bits(void) {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("f16c")) {
    return 0;
  }
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                 __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512vnni")
             ? 512
             : 256;
}

// Bytes of a rounded token: as many for each block of 32 columns.
int64_t lengthwise_token_bytes(int columns) { return token_bytes(columns); }

// Rounds the activations of one token.
//
// input: `columns` floats; token: its bytes
void lengthwise_round(int bits, int layout, const float *input, int columns, uint8_t *token) {
  if (bits == 512) {
    round_512(layout, input, columns, token);
  } else {
    round_256(layout, input, columns, token);
  }
}

// Products of rows with tokens.
//
// groups: the groups of the rows, one after the other; results: [rows, tokens]
void lengthwise_products(
    int bits,
    int layout,
    const uint8_t *groups,
    int rows,
    int columns,
    const uint8_t *tokens,
    int token_count,
    float *results) {
  if (bits == 512) {
    products_512(layout, groups, rows, columns, tokens, token_count, results);
  } else {
    products_256(layout, groups, rows, columns, tokens, token_count, results);
  }
}

// Stores products where an output wants them, or adds them to what is there.
//
// sums: [rows, tokens]; target: the outputs of the first token; next: floats to those of the next
// token; first: which output the first row is; places: where each output goes to, NULL: in order
void lengthwise_store(
    const float *sums,
    int rows,
    int tokens,
    float *target,
    int next,
    int first,
    const int32_t *places,
    int add) {
  for (int token = 0; token < tokens; token++) {
    float *to = target + token * (ptrdiff_t)next;
    for (int row = 0; row < rows; row++) {
      float sum = sums[row * (ptrdiff_t)tokens + token];
      int place = places == NULL ? first + row : places[first + row];
      to[place] = add ? to[place] + sum : sum;
    }
  }
}

// Products of rows as they lie in the file with one token of floats.
//
// type: a `plain`; at: where they go to in `products`
void lengthwise_dot(
    int bits,
    int type,
    const uint8_t *weights,
    int64_t row_bytes,
    int rows,
    int columns,
    const float *x,
    float *products,
    int at) {
  if (bits == 512) {
    dot_plain_512(type, weights, row_bytes, rows, columns, x, products + at);
  } else {
    dot_plain_256(type, weights, row_bytes, rows, columns, x, products + at);
  }
}

// Products of rows with tokens, with bias and factor, where an output wants them.
//
// bias: of all rows, NULL for none; sums: room for [rows, tokens]; the rest as for
// `lengthwise_products` and `lengthwise_store`
void lengthwise_multiply(
    int bits,
    int layout,
    const uint8_t *groups,
    int rows,
    int columns,
    const uint8_t *tokens,
    int token_count,
    float *sums,
    const float *bias,
    float factor,
    float *target,
    int next,
    int first,
    const int32_t *places,
    int add) {
  lengthwise_products(bits, layout, groups, rows, columns, tokens, token_count, sums);
  for (int row = 0; row < rows && bias != NULL; row++) {
    for (int token = 0; token < token_count; token++) {
      sums[row * (ptrdiff_t)token_count + token] += bias[first + row];
    }
  }
  for (ptrdiff_t n = 0; n < rows * (ptrdiff_t)token_count && factor != 1; n++) {
    sums[n] *= factor;
  }
  lengthwise_store(sums, rows, token_count, target, next, first, places, add);
}

// gate = silu(gate) * up, of as many of the numbers as fill whole vectors.
void lengthwise_silu_gate(int bits, float *gate, const float *up, int count) {
  if (bits == 512) {
    silu_gate_512(gate, up, count);
  } else {
    silu_gate_256(gate, up, count);
  }
}

// silu(gate) * up of products of rows with tokens, where an output wants it.
//
// gates, ups: room for [rows, tokens], whole vectors; the rest as for `lengthwise_multiply`
void lengthwise_multiply_silu(
    int bits,
    int layout,
    const uint8_t *gate_groups,
    const uint8_t *up_groups,
    int rows,
    int columns,
    const uint8_t *tokens,
    int token_count,
    float *gates,
    float *ups,
    float *target,
    int next,
    int first,
    const int32_t *places,
    int add) {
  lengthwise_products(bits, layout, gate_groups, rows, columns, tokens, token_count, gates);
  lengthwise_products(bits, layout, up_groups, rows, columns, tokens, token_count, ups);
  lengthwise_silu_gate(bits, gates, ups, rows * token_count);
  lengthwise_store(gates, rows, token_count, target, next, first, places, add);
}

// Lets some queries of neighbouring heads see pages, one after the other: memory is read in the order
// in which it lies.
//
// type: a `cache_type`; pages: [count, 2], where the keys and the values of the first head begin in
// each; key_bytes, value_bytes: from a head to the next; size, value_size: channels of a key and of a
// value; from, until, group: see `runs`; queries: of each head; q: [heads, queries, size]; reference,
// totals, weighted: `AttentionKernels.Softmax` of [heads, queries]
void lengthwise_attend(
    int bits,
    int type,
    const int64_t *pages,
    int count,
    int64_t key_bytes,
    int size,
    int64_t value_bytes,
    int value_size,
    const int32_t *from,
    const int32_t *until,
    int group,
    int heads,
    int queries,
    const float *q,
    float *reference,
    float *totals,
    float *weighted) {
  int width = (value_size + PADDING - 1) / PADDING * PADDING;
  struct softmax softmax = {reference, totals, weighted, width};
  struct runs runs = {from, until, group};
  for (int page = 0; page < count; page++) {
    const int64_t *at = pages + 2 * page;
    for (int n = 0; n < heads; n++) {
      int more = n + 1 < heads;
      struct head head = {
          (const uint8_t *)at[0] + n * key_bytes,
          (const uint8_t *)at[1] + n * value_bytes,
          more ? key_bytes : page + 1 < count ? at[2] - at[0] - n * key_bytes : 0,
          more ? value_bytes : page + 1 < count ? at[3] - at[1] - n * value_bytes : 0,
          size,
          value_size};
      const float *own = q + n * queries * (ptrdiff_t)size;
      struct softmax state = softmax_of(softmax, n * queries);
      if (bits == 512) {
        attend_512(type, head, runs, queries, own, state);
      } else {
        attend_256(type, head, runs, queries, own, state);
      }
    }
  }
}

// The channels `pair` and `pairs + pair` of a turned vector. Sines lie behind cosines.
ALWAYS float turned_low(const float *vector, const float *cosines, int pairs, int pair) {
  return vector[pair] * cosines[pair] - vector[pairs + pair] * cosines[pairs + pair];
}

ALWAYS float turned_high(const float *vector, const float *cosines, int pairs, int pair) {
  return vector[pair] * cosines[pairs + pair] + vector[pairs + pair] * cosines[pair];
}

// Turns a vector in place: pair `m`, channels `m` and `m + pairs`, by the phases of a token.
//
// at: where the vector begins; phases: [tokens, 2, pairs], for each token all cosines, then all sines
void lengthwise_rotate(float *vectors, int at, const float *phases, int token, int pairs) {
  float *vector = vectors + at;
  const float *cosines = phases + (ptrdiff_t)token * 2 * pairs;
  for (int pair = 0; pair < pairs; pair++) {
    float low = turned_low(vector, cosines, pairs, pair);
    vector[pairs + pair] = turned_high(vector, cosines, pairs, pair);
    vector[pair] = low;
  }
}

ALWAYS void write_number(int type, uint8_t *page, ptrdiff_t element, float value) {
  if (type == F32) {
    memcpy(page + 4 * element, &value, 4);
  } else {
    uint32_t bits = bits_of(value);
    uint32_t upper = bits >> 16;
    uint16_t rounded = isnan(value) ? upper | 0x40 : (bits + 0x7fff + (upper & 1)) >> 16;
    memcpy(page + 2 * element, &rounded, 2);
  }
}

// Writes the keys (whose channels lie `KEYS` apart) or values (whose channels lie side by side) of a
// token and some heads into a page.
//
// type: F32 or BF16; page: that of the first head; head_bytes: to that of the next; first: the
// element of its first channel; step: elements to the next; rows: [heads, size], of which the next
// head is `next` floats further on; phases, token, pairs: as for `lengthwise_rotate`, NULL where
// nothing is turned
void lengthwise_write(
    int type,
    uint8_t *page,
    int64_t head_bytes,
    int heads,
    int first,
    int step,
    int size,
    const float *rows,
    int64_t next,
    const float *phases,
    int token,
    int pairs) {
  const float *cosines = phases == NULL ? NULL : phases + (ptrdiff_t)token * 2 * pairs;
  int turned = phases == NULL ? 0 : pairs;
  for (int head = 0; head < heads; head++) {
    uint8_t *to = page + head * head_bytes;
    const float *row = rows + head * next;
    for (int pair = 0; pair < turned; pair++) {
      ptrdiff_t low = first + pair * (ptrdiff_t)step;
      ptrdiff_t high = low + pairs * (ptrdiff_t)step;
      write_number(type, to, low, turned_low(row, cosines, pairs, pair));
      write_number(type, to, high, turned_high(row, cosines, pairs, pair));
    }
    for (int channel = 2 * turned; channel < size; channel++) {
      write_number(type, to, first + channel * (ptrdiff_t)step, row[channel]);
    }
  }
}

// Normalises one row of floats by its root mean square, or by its mean and variance.
//
// gain, bias: NULL for none; output: may be the input
void lengthwise_norm(
    int bits,
    int centred,
    const float *input,
    int columns,
    double epsilon,
    const float *gain,
    const float *bias,
    float *output) {
  if (centred && bits == 512) {
    layer_512(input, columns, epsilon, gain, bias, output);
  } else if (centred) {
    layer_256(input, columns, epsilon, gain, bias, output);
  } else if (bits == 512) {
    rms_512(input, columns, epsilon, gain, output);
  } else {
    rms_256(input, columns, epsilon, gain, output);
  }
}

// Packs some rows of a file, 16 at most, side by side.
void lengthwise_pack(
    int layout, const uint8_t *rows, int64_t row_bytes, int count, int columns, uint8_t *group) {
  pack(layout, rows, row_bytes, count, columns, group);
}

// Weights of whole blocks as floats.
//
// at: where they go to in `values`
void lengthwise_decode(int layout, const uint8_t *blocks, int count, float *values, int at) {
  decode(layout, blocks, count, values + at);
}

// The first of some numbers in half precision that is not finite, -1 for none.
//
// step: bytes from one to the next
int64_t lengthwise_not_finite(const uint8_t *numbers, int64_t count, int64_t step) {
  for (int64_t n = 0; n < count; n++) {
    if ((half_at(numbers + n * step) & 0x7c00) == 0x7c00) {
      return n;
    }
  }
  return -1;
}
