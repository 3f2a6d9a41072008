// Products of weights at one width of vectors, of which each has LANES rows.

// Most vectors of bytes that a part is unpacked to.
#undef BYTES
#define BYTES 8

static void NAME(round)(enum layout layout, const float *input, int columns, uint8_t *to) {
  struct token token = token_at(to, 0, columns);
  int8_t *numbers = (int8_t *)token.numbers;
  float *scales = (float *)token.scales;
  float *sums = (float *)token.sums;
  int32_t *zeros = (int32_t *)token.zeros;
  struct shape shape = shape_of(layout);
  const uint8_t *order = order_of(layout);
  int part = 0;
  for (int block = 0; block < columns / BLOCK; block++) {
    const float *x = input + block * BLOCK;
    int32_t most = 0;
    for (int i = 0; i < BLOCK; i++) {
      int32_t bits = bits_of(x[i]) & INT32_MAX;
      most = bits > most ? bits : most;
    }
    float largest = float_of(most);
    float inverse = LARGEST / largest;
    int32_t rounded[BLOCK];
    // 0x7f800000: infinite
    if (bits_of(inverse) == 0x7f800000 || most >= 0x7f800000) {
      memset(rounded, 0, sizeof rounded);
      scales[block] = most >= 0x7f800000 ? NAN : 0;
    } else {
      for (int i = 0; i < BLOCK; i++) {
        rounded[i] = bits_of(fmaf(x[i], inverse, ROUNDING)) - bits_of(ROUNDING);
      }
      scales[block] = largest / LARGEST;
    }
    int32_t sum = 0;
    for (int from = 0; from < BLOCK; from += shape.part_columns) {
      int32_t own = 0;
      for (int i = from; i < from + shape.part_columns; i++) {
        own += rounded[i];
      }
      zeros[part++] = -shape.zero * own;
      sum += own;
    }
    sums[block] = scales[block] * (float)sum;
    for (int i = 0; i < BLOCK; i++) {
      numbers[block * BLOCK + i] = rounded[order[i]];
    }
  }
}

// The numbers of a part as bytes, four of each row in a vector: without sign (their zero is taken
// away from the sums), but for those of eight bits where vectors have 256 bits.
ALWAYS void NAME(unpack)(enum layout layout, const uint8_t *p, INTS table, INTS *bytes) {
  switch (layout) {
    case Q4_0:
    case Q4_K:
    case IQ4_NL:
    case IQ4_XS:
    case MXFP4:
#pragma GCC unroll 8
      for (int v = 0; v < 4; v++) {
        INTS x = LOAD(p + v * 64);
        if (layout == Q4_0) {
          x = XOR(x, ALL(0x88888888));
        }
        bytes[2 * v] = AND(x, ALL(0x0f0f0f0f));
        bytes[2 * v + 1] = AND(SHR(x, 4), ALL(0x0f0f0f0f));
      }
      if (layout != Q4_0 && layout != Q4_K) {
#pragma GCC unroll 8
        for (int v = 0; v < 8; v++) {
          bytes[v] = LOOK_UP(table, bytes[v]);
        }
      }
      break;
    case Q5_K: {
      INTS x[5];
      INTS rest = ALL(0);
#pragma GCC unroll 8
      for (int v = 0; v < 5; v++) {
        x[v] = LOAD(p + v * 64);
        bytes[v] = OR(AND(x[v], ALL(0x001f001f)), AND(SHL(x[v], 3), ALL(0x1f001f00)));
        rest = OR(rest, SHR(AND(x[v], ALL(0x80008000)), 7 - v));
      }
#pragma GCC unroll 8
      for (int v = 0; v < 3; v++) {
        INTS odd = v == 2 ? rest : AND(SHR(x[2 * v + 1], 2), ALL(0x1f001f00));
        bytes[5 + v] = OR(AND(SHR(x[2 * v], 10), ALL(0x001f001f)), odd);
      }
      break;
    }
    case Q6_K: {
      INTS rest = ALL(0);
#pragma GCC unroll 8
      for (int v = 0; v < 4; v++) {
        INTS x = rest;
        if (v < 3) {
          x = LOAD(p + v * 64);
          rest = OR(rest, AND(SHR(x, 12 - 4 * v), ALL(0x000f000f << 4 * v)));
        }
        x = OR(AND(x, ALL(0x003f003f)), AND(SHL(x, 2), ALL(0x3f003f00)));
        bytes[v] = XOR(x, ALL(0x20202020));
      }
      break;
    }
    case Q8_0:
#pragma GCC unroll 8
      for (int v = 0; v < 8; v++) {
        bytes[v] = LOAD(p + v * 64);
        if (LANES == 16) {
          bytes[v] = XOR(bytes[v], ALL(0x80808080));
        }
      }
      break;
  }
}

// The products of a part: those of four bytes of weights and four numbers with sign in each lane, of
// some vectors. `start` is what the sums begin with.
ALWAYS INTS NAME(dot)(
    enum layout layout, INTS start, const INTS *weights, const int32_t *numbers, int count) {
#if LANES == 16
  (void)layout;
  // Two sums, since each waits for the one before.
  INTS even = start;
  INTS odd = ALL(0);
#pragma GCC unroll 8
  for (int v = 0; v < count; v += 2) {
    even = _mm512_dpbusd_epi32(even, weights[v], ALL(numbers[v]));
    odd = _mm512_dpbusd_epi32(odd, weights[v + 1], ALL(numbers[v + 1]));
  }
  return ADD(even, odd);
#else
  // Sums of two products have 16 bits, and so many of them still fit: 8 · 2 · 15 · 127,
  // 4 · 2 · 31 · 127, 2 · 2 · 63 · 127. Weights of eight bits have a sign, which the instruction
  // wants of the activations alone; so theirs is turned where a weight is negative: 2 · 128 · 127.
  const int wide = shape_of(layout).zero == 128;
  const int fit = wide ? 1 : layout == Q6_K ? 2 : layout == Q5_K ? 4 : 8;
  INTS sum = start;
#pragma GCC unroll 8
  for (int v = 0; v < count; v += fit) {
    INTS halves = ALL(0);
#pragma GCC unroll 8
    for (int n = v; n < v + fit; n++) {
      INTS y = ALL(numbers[n]);
      INTS products = wide ? _mm256_maddubs_epi16(
                                 _mm256_abs_epi8(weights[n]), _mm256_sign_epi8(y, weights[n]))
                           : _mm256_maddubs_epi16(weights[n], y);
      halves = n == v ? products : _mm256_add_epi16(halves, products);
    }
    sum = ADD(sum, _mm256_madd_epi16(halves, _mm256_set1_epi16(1)));
  }
  return sum;
#endif
}

ALWAYS void NAME(clear)(FLOATS sums[2][VECTORS][MOST], const int groups, const int tokens) {
#pragma GCC unroll 8
  for (int g = 0; g < groups; g++) {
#pragma GCC unroll 8
    for (int h = 0; h < VECTORS; h++) {
#pragma GCC unroll 8
      for (int t = 0; t < tokens; t++) {
        sums[g][h][t] = ONE(0);
      }
    }
  }
}

// Products of one or two groups with some tokens.
//
// apart: bytes from the first group to the second; ahead: bytes from the group to what is read next,
// which a single group asks for; sums: where the results of each group and token go, 16 floats each
ALWAYS void NAME(groups)(
    enum layout layout,
    const int groups,
    const int tokens,
    const uint8_t *group,
    ptrdiff_t apart,
    ptrdiff_t ahead,
    int columns,
    const uint8_t *inputs,
    float *sums) {
  struct shape shape = shape_of(layout);
  const int parts = shape.columns / shape.part_columns;
  const int affine = layout == Q4_K || layout == Q5_K;
  const int scaled = affine || layout == Q6_K || layout == IQ4_XS;
  const int count = shape.part_columns / 4;
  INTS table = TABLE(layout == MXFP4 ? DOUBLED : UNEVEN);
  if (LANES == 16) {
    table = XOR(table, ALL(0x80808080));
  }
  size_t next = token_bytes(columns);
  struct token first = token_at(inputs, 0, columns);
  FLOATS total[2][VECTORS][MOST];
  NAME(clear)(total, groups, tokens);
  for (int n = 0; n < columns / shape.columns; n++) {
    const uint8_t *unit = group + n * (ptrdiff_t)unit_bytes(shape);
    FLOATS upper[2][VECTORS][MOST];
    FLOATS lower[2][VECTORS][MOST];
    NAME(clear)(upper, groups, tokens);
    NAME(clear)(lower, groups, tokens);
    for (int part = 0; part < parts; part++) {
      int all = n * parts + part;
      int block = all * shape.part_columns / BLOCK;
#pragma GCC unroll 8
      for (int g = 0; g < groups; g++) {
#pragma GCC unroll 8
        for (int h = 0; h < VECTORS; h++) {
          const uint8_t *own = unit + g * apart;
          if (groups == 1 && h == 0) {
            for (int line = 0; line < shape.part_bytes; line += 64) {
              __builtin_prefetch(own + ahead + shape.numbers + part * shape.part_bytes + line, 0, 2);
            }
          }
          INTS bytes[BYTES];
          NAME(unpack)(layout, own + shape.numbers + part * shape.part_bytes + h * 32, table, bytes);
          FLOATS scale;
          FLOATS minimum;
          if (scaled) {
            const uint8_t *p = own + 64 + part * ROWS + h * LANES;
            scale = affine ? FROM_BYTES(p) : FROM_SIGNED(p);
            minimum = affine ? FROM_BYTES(p + 128) : ONE(0);
          } else if (layout == MXFP4) {
            INTS exponent = SHL(WIDE_BYTES(own + part * ROWS + h * LANES), 23);
            scale = MUL(AS_FLOATS(LARGER(exponent, ALL(0x00400000))), ONE(0.5f));
          } else {
            scale = FROM_HALVES(own + part * 2 * ROWS + h * 2 * LANES);
          }
#pragma GCC unroll 8
          for (int t = 0; t < tokens; t++) {
            const uint8_t *token = (const uint8_t *)first.numbers + t * next;
            const int32_t *numbers = (const int32_t *)(token + all * shape.part_columns);
            float activation = *(const float *)((const uint8_t *)(first.scales + block) + t * next);
            INTS start = ALL(0);
            if (shape.zero != 0 && (LANES == 16 || shape.zero != 128)) {
              start = ALL(*(const int32_t *)((const uint8_t *)(first.zeros + all) + t * next));
            }
            INTS sum = NAME(dot)(layout, start, bytes, numbers, count);
            FLOATS dot = MUL(TO_FLOATS(sum), ONE(activation));
            if (scaled) {
              upper[g][h][t] = FMA(dot, scale, upper[g][h][t]);
            } else {
              total[g][h][t] = FMA(dot, scale, total[g][h][t]);
            }
            if (affine) {
              float all_sum = *(const float *)((const uint8_t *)(first.sums + block) + t * next);
              lower[g][h][t] = FMA(minimum, ONE(all_sum), lower[g][h][t]);
            }
          }
        }
      }
    }
    if (scaled) {
#pragma GCC unroll 8
      for (int g = 0; g < groups; g++) {
#pragma GCC unroll 8
        for (int h = 0; h < VECTORS; h++) {
          const uint8_t *own = unit + g * apart + h * 2 * LANES;
#pragma GCC unroll 8
          for (int t = 0; t < tokens; t++) {
            total[g][h][t] = FMA(FROM_HALVES(own), upper[g][h][t], total[g][h][t]);
            if (affine) {
              total[g][h][t] =
                  SUB(total[g][h][t], MUL(FROM_HALVES(own + 2 * ROWS), lower[g][h][t]));
            }
          }
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int g = 0; g < groups; g++) {
#pragma GCC unroll 8
    for (int h = 0; h < VECTORS; h++) {
#pragma GCC unroll 8
      for (int t = 0; t < tokens; t++) {
        STORE(sums + (g * tokens + t) * ROWS + h * LANES, total[g][h][t]);
      }
    }
  }
}

// Puts the results of the group of a row with some tokens from `first` on where they belong.
static void NAME(put)(
    const float *sums, int row, int rows, int some, float *results, int tokens, int first) {
  int count = rows - row < ROWS ? rows - row : ROWS;
  for (int r = 0; r < count; r++) {
    for (int t = 0; t < some; t++) {
      results[(row + r) * (ptrdiff_t)tokens + first + t] = sums[t * ROWS + r];
    }
  }
}

// Two groups at once, half of them apart: two streams of memory, each from one end of its half to the
// other. Of neighbours each would begin anew with every group, and the processor foresees what is
// read only some lines later.
ALWAYS void NAME(streams)(
    enum layout layout,
    const int tokens,
    const uint8_t *data,
    ptrdiff_t group_bytes,
    int rows,
    int columns,
    const uint8_t *inputs,
    float *results) {
  int half = ((rows + ROWS - 1) / ROWS + 1) / 2;
  float sums[2 * MOST * ROWS];
  for (int n = 0; n < half; n++) {
    int other = (n + half) * ROWS;
    // The last of an odd number of groups is its own neighbour, whose sums nobody reads.
    ptrdiff_t apart = other < rows ? half * group_bytes : 0;
    NAME(groups)(layout, 2, tokens, data + n * group_bytes, apart, 0, columns, inputs, sums);
    NAME(put)(sums, n * ROWS, rows, tokens, results, tokens, 0);
    if (other < rows) {
      NAME(put)(sums + tokens * ROWS, other, rows, tokens, results, tokens, 0);
    }
  }
}

// Group by group: a group stays in the cache for all tokens, and the next is asked for meanwhile.
ALWAYS void NAME(batch)(
    enum layout layout,
    const int tile,
    const uint8_t *data,
    ptrdiff_t group_bytes,
    int rows,
    int columns,
    const uint8_t *inputs,
    int tokens,
    float *results) {
  size_t next = token_bytes(columns);
  float sums[MOST * ROWS];
  for (int row = 0; row < rows; row += ROWS) {
    const uint8_t *group = data + row / ROWS * group_bytes;
    ptrdiff_t ahead = group_bytes;
    for (int t = 0; t < tokens; t += tile) {
      // The last tokens may be some that were there: they get the same results once more.
      int first = t + tile <= tokens ? t : tokens - tile;
      NAME(groups)(layout, 1, tile, group, 0, ahead, columns, inputs + first * next, sums);
      NAME(put)(sums, row, rows, tile, results, tokens, first);
    }
  }
}

ALWAYS void NAME(layout)(
    enum layout layout,
    const uint8_t *data,
    int rows,
    int columns,
    const uint8_t *inputs,
    int tokens,
    float *results) {
  struct shape shape = shape_of(layout);
  ptrdiff_t bytes = columns / shape.columns * (ptrdiff_t)unit_bytes(shape);
  // Where unpacking costs much, more tokens share it than have their sums in registers.
  int many = layout == Q4_K || layout == Q5_K || layout == Q6_K || layout == IQ4_XS;
  if (tokens == 1) {
    NAME(streams)(layout, 1, data, bytes, rows, columns, inputs, results);
  } else if (tokens == 2) {
    NAME(streams)(layout, 2, data, bytes, rows, columns, inputs, results);
  } else if (tokens == 3) {
    NAME(streams)(layout, 3, data, bytes, rows, columns, inputs, results);
  } else if (tokens < 8 || !many) {
    NAME(batch)(layout, 4, data, bytes, rows, columns, inputs, tokens, results);
  } else {
    NAME(batch)(layout, 8, data, bytes, rows, columns, inputs, tokens, results);
  }
}

static void NAME(products)(
    enum layout layout,
    const uint8_t *data,
    int rows,
    int columns,
    const uint8_t *inputs,
    int tokens,
    float *results) {
#define CASE(name) \
  case name: \
    NAME(layout)(name, data, rows, columns, inputs, tokens, results); \
    break;
  switch (layout) {
    CASE(Q4_0)
    CASE(Q4_K)
    CASE(Q5_K)
    CASE(Q6_K)
    CASE(IQ4_NL)
    CASE(IQ4_XS)
    CASE(MXFP4)
    CASE(Q8_0)
  }
#undef CASE
}
