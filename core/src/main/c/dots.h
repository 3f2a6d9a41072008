// Rows of weights as they lie in the file with one token, at one width of vectors: `PlainDot`,
// `EightBitDot`, with their order of sums.

// Rows at once: see `PlainDot`.
#undef ROWS_AT_ONCE
#define ROWS_AT_ONCE 4

ALWAYS FLOATS NAME(plain_weights)(enum plain type, const uint8_t *row, int column) {
  switch (type) {
    case PLAIN_F32: return LOAD_FLOATS((const float *)(row + 4 * (ptrdiff_t)column));
    case PLAIN_BF16: return AS_FLOATS(SHL(WIDE_HALVES(row + 2 * (ptrdiff_t)column), 16));
    default: return FROM_HALVES(row + 2 * (ptrdiff_t)column);
  }
}

ALWAYS float NAME(plain_weight)(enum plain type, const uint8_t *row, int column) {
  if (type == PLAIN_F32) {
    float weight;
    memcpy(&weight, row + 4 * (ptrdiff_t)column, sizeof weight);
    return weight;
  }
  uint16_t half = half_at(row + 2 * (ptrdiff_t)column);
  return type == PLAIN_BF16 ? float_of((int32_t)((uint32_t)half << 16)) : _cvtsh_ss(half);
}

// Adds a block of 32 numbers of eight bits of some rows, `apart` bytes from one to the next.
ALWAYS void NAME(add_eight_bits)(
    const int rows, const uint8_t *blocks, ptrdiff_t apart, const float *x, FLOATS *sums) {
  FLOATS parts[ROWS_AT_ONCE];
#pragma GCC unroll 4
  for (int i = 0; i < BLOCK; i += LANES) {
    FLOATS token = LOAD_FLOATS(x + i);
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++) {
      FLOATS numbers = FROM_SIGNED(blocks + r * apart + 2 + i);
      parts[r] = i == 0 ? MUL(numbers, token) : FMA(numbers, token, parts[r]);
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++) {
    sums[r] = FMA(parts[r], ONE(HALF_AT(blocks + r * apart)), sums[r]);
  }
}

// next: floats from the product of a row to that of the next
ALWAYS void NAME(dot_some)(
    enum plain type,
    const int rows,
    const uint8_t *weights,
    ptrdiff_t apart,
    int columns,
    const float *x,
    float *products,
    int next) {
  FLOATS sums[ROWS_AT_ONCE];
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++) {
    sums[r] = ONE(0);
  }
  int whole = columns / LANES * LANES;
  if (type == PLAIN_Q8_0) {
    for (int b = 0; b < columns / BLOCK; b++) {
      NAME(add_eight_bits)(rows, weights + b * (ptrdiff_t)34, apart, x + b * BLOCK, sums);
    }
  } else {
    for (int c = 0; c < whole; c += LANES) {
      FLOATS token = LOAD_FLOATS(x + c);
#pragma GCC unroll 4
      for (int r = 0; r < rows; r++) {
        sums[r] = FMA(NAME(plain_weights)(type, weights + r * apart, c), token, sums[r]);
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < rows; r++) {
    float sum = NAME(lanes_sum)(sums[r]);
    for (int c = whole; c < columns && type != PLAIN_Q8_0; c++) {
      sum += NAME(plain_weight)(type, weights + r * apart, c) * x[c];
    }
    products[r * (ptrdiff_t)next] = sum;
  }
}

ALWAYS void NAME(dot_rows)(
    enum plain type,
    const uint8_t *weights,
    ptrdiff_t row_bytes,
    int rows,
    int columns,
    const float *x,
    float *products) {
  int part = rows / ROWS_AT_ONCE;
  for (int row = 0; row < part; row++) {
    const uint8_t *first = weights + row * row_bytes;
    NAME(dot_some)
    (type, ROWS_AT_ONCE, first, part * row_bytes, columns, x, products + row, part);
  }
  for (int row = ROWS_AT_ONCE * part; row < rows; row++) {
    NAME(dot_some)(type, 1, weights + row * row_bytes, 0, columns, x, products + row, 0);
  }
}

static void NAME(dot_plain)(
    enum plain type,
    const uint8_t *weights,
    ptrdiff_t row_bytes,
    int rows,
    int columns,
    const float *x,
    float *products) {
#define CASE(name) \
  case name: \
    NAME(dot_rows)(name, weights, row_bytes, rows, columns, x, products); \
    break;
  switch (type) {
    CASE(PLAIN_F32)
    CASE(PLAIN_BF16)
    CASE(PLAIN_F16)
    CASE(PLAIN_Q8_0)
  }
#undef CASE
}
