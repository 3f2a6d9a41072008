// Weights from the blocks of a file: side by side (`RowPacking`), and as floats (`BlockDecoders`).

ALWAYS uint64_t long_at(const uint8_t *p) {
  uint64_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

// Where the lane of a row begins in a part.
ALWAYS uint8_t *lanes_of(struct shape shape, uint8_t *unit, int part, int row) {
  return unit + shape.numbers + (ptrdiff_t)part * shape.part_bytes + row * 4;
}

ALWAYS void put_lane(uint8_t *lanes, int vector, uint32_t lane) {
  memcpy(lanes + vector * 4 * ROWS, &lane, sizeof lane);
}

ALWAYS void put_half(uint8_t *halves, int row, const uint8_t *from) {
  memcpy(halves + 2 * row, from, 2);
}

// The lower halves of eight bytes side by side, or with a shift of 4 the upper ones.
ALWAYS uint32_t fours_at(const uint8_t *from, int shift) {
  uint64_t bytes = long_at(from) >> shift & 0x0f0f0f0f0f0f0f0fu;
  uint64_t pairs = (bytes | bytes >> 4) & 0x00ff00ff00ff00ffu;
  uint64_t quads = (pairs | pairs >> 8) & 0x0000ffff0000ffffu;
  return (uint32_t)(quads | quads >> 16);
}

// 32 numbers: the first 16 in the lower halves of bytes, the others in the upper ones.
ALWAYS void pack_pairs(const uint8_t *from, uint8_t *lanes, uint32_t flips) {
  for (int n = 0; n < 4; n++) {
    put_lane(lanes, n, fours_at(from + n % 2 * 8, n / 2 * 4) ^ flips);
  }
}

// The scales and minima of Q4_K and Q5_K: `SixBits`.
ALWAYS int six_bit_scale(const uint8_t *pairs, int part) {
  return part < 4 ? pairs[part] & 63 : (pairs[part + 4] & 15) | pairs[part - 4] >> 6 << 4;
}

ALWAYS int six_bit_minimum(const uint8_t *pairs, int part) {
  return part < 4 ? pairs[part + 4] & 63 : pairs[part + 4] >> 4 | pairs[part] >> 6 << 4;
}

// `Levels.unevenScale`
ALWAYS int uneven_scale(const uint8_t *block, int part) {
  int low = block[4 + part / 2] >> part % 2 * 4 & 15;
  int upper = block[2 + part / 4] >> part % 4 * 2 & 3;
  return (low | upper << 4) - 32;
}

#define SCALES 64
#define MINIMA 192

ALWAYS void pack_minima(const uint8_t *from, uint8_t *unit, int row) {
  put_half(unit, row, from);
  put_half(unit + 32, row, from + 2);
  for (int part = 0; part < 8; part++) {
    unit[SCALES + part * ROWS + row] = six_bit_scale(from + 4, part);
    unit[MINIMA + part * ROWS + row] = six_bit_minimum(from + 4, part);
  }
}

static void pack_five(struct shape shape, const uint8_t *from, uint8_t *unit, int row) {
  pack_minima(from, unit, row);
  for (int part = 0; part < 8; part++) {
    uint8_t numbers[32];
    for (int n = 0; n < 32; n++) {
      int four = from[48 + part / 2 * 32 + n] >> part % 2 * 4 & 15;
      numbers[n] = four | (from[16 + n] >> part & 1) << 4;
    }
    uint8_t *lanes = lanes_of(shape, unit, part, row);
    uint32_t rest = numbers[30] | (uint32_t)numbers[31] << 16;
    for (int n = 0; n < 5; n++) {
      uint32_t lane = (rest >> n & 0x00010001) << 15;
      for (int i = 0; i < 3; i++) {
        lane |= (uint32_t)numbers[6 * n + i] << 5 * i;
        lane |= (uint32_t)numbers[6 * n + 3 + i] << (16 + 5 * i);
      }
      put_lane(lanes, n, lane);
    }
  }
}

// Which column stands at each place of a part: `GroupLayout.column`.
static const uint8_t PLACES[16] = {0, 1, 2, 3, 4, 6, 7, 8, 5, 11, 12, 13, 9, 10, 14, 15};

static void pack_six(struct shape shape, const uint8_t *from, uint8_t *unit, int row) {
  put_half(unit, row, from + 208);
  for (int part = 0; part < 16; part++) {
    unit[SCALES + part * ROWS + row] = from[192 + part];
    // 128 weights share 64 bytes of fours and 32 of twos.
    const uint8_t *fours = from + part / 8 * 64 + part % 4 * 16;
    const uint8_t *twos = from + 128 + part / 8 * 32 + part % 2 * 16;
    uint8_t numbers[16];
    for (int n = 0; n < 16; n++) {
      int four = fours[n] >> part / 4 % 2 * 4 & 15;
      int two = twos[n] >> part / 2 % 4 * 2 & 3;
      numbers[n] = (four | two << 4) ^ 0x20; // less 32: the uppermost bit turns around
    }
    uint32_t placed[16];
    for (int n = 0; n < 16; n++) {
      placed[n] = numbers[PLACES[n]];
    }
    uint8_t *lanes = lanes_of(shape, unit, part, row);
    uint32_t low = placed[12] | placed[13] << 6;
    uint32_t high = placed[14] | placed[15] << 6;
    for (int n = 0; n < 3; n++) {
      uint32_t lane = (low >> 4 * n & 15) << 12 | (high >> 4 * n & 15) << 28;
      for (int i = 0; i < 2; i++) {
        lane |= placed[4 * n + i] << 6 * i;
        lane |= placed[4 * n + 2 + i] << (16 + 6 * i);
      }
      put_lane(lanes, n, lane);
    }
  }
}

ALWAYS void pack_unit(enum layout layout, const uint8_t *from, uint8_t *unit, int row) {
  struct shape shape = shape_of(layout);
  switch (layout) {
    case Q4_0:
    case IQ4_NL:
      for (int part = 0; part < 2; part++) {
        put_half(unit + part * 32, row, from + part * 18);
        uint8_t *lanes = lanes_of(shape, unit, part, row);
        pack_pairs(from + part * 18 + 2, lanes, layout == Q4_0 ? 0x88888888 : 0);
      }
      break;
    case Q4_K:
      pack_minima(from, unit, row);
      for (int part = 0; part < 8; part++) {
        uint8_t *lanes = lanes_of(shape, unit, part, row);
        for (int n = 0; n < 4; n++) {
          put_lane(lanes, n, fours_at(from + 16 + part / 2 * 32 + n * 8, part % 2 * 4));
        }
      }
      break;
    case Q5_K: pack_five(shape, from, unit, row); break;
    case Q6_K: pack_six(shape, from, unit, row); break;
    case IQ4_XS:
      put_half(unit, row, from);
      for (int part = 0; part < 8; part++) {
        unit[SCALES + part * ROWS + row] = uneven_scale(from, part);
        pack_pairs(from + 8 + part * 16, lanes_of(shape, unit, part, row), 0);
      }
      break;
    case MXFP4:
      for (int part = 0; part < 2; part++) {
        unit[part * ROWS + row] = from[part * 17];
        pack_pairs(from + part * 17 + 1, lanes_of(shape, unit, part, row), 0);
      }
      break;
    case Q8_0:
      for (int part = 0; part < 2; part++) {
        put_half(unit + part * 32, row, from + part * 34);
        uint8_t *lanes = lanes_of(shape, unit, part, row);
        for (int n = 0; n < 8; n++) {
          memcpy(lanes + n * 4 * ROWS, from + part * 34 + 2 + n * 4, 4);
        }
      }
      break;
  }
}

// 32 numbers that choose from levels.
ALWAYS void decode_levels(const uint8_t *pairs, const int8_t *levels, float scale, float *values) {
  for (int i = 0; i < 16; i++) {
    values[i] = scale * levels[pairs[i] & 15];
    values[16 + i] = scale * levels[pairs[i] >> 4];
  }
}

// Some neighbouring blocks of a file as floats.
ALWAYS void decode_blocks(enum layout layout, const uint8_t *from, int count, float *values) {
  for (int at = 0; at < count; at += 32) {
    float *to = values + at;
    int part = at / 32 % 8;
    switch (layout) {
      case Q4_0: {
        const uint8_t *block = from + at / 32 * 18;
        float scale = HALF_AT(block);
        for (int i = 0; i < 16; i++) {
          to[i] = scale * ((block[2 + i] & 15) - 8);
          to[16 + i] = scale * ((block[2 + i] >> 4) - 8);
        }
        break;
      }
      case Q4_K:
      case Q5_K: {
        const uint8_t *block = from + at / 256 * file_bytes(layout);
        const uint8_t *fours = block + (layout == Q5_K ? 48 : 16) + part / 2 * 32;
        float scale = HALF_AT(block) * six_bit_scale(block + 4, part);
        float minimum = HALF_AT(block + 2) * six_bit_minimum(block + 4, part);
        for (int i = 0; i < 32; i++) {
          int number = fours[i] >> part % 2 * 4 & 15;
          number |= layout == Q5_K ? (block[16 + i] >> part & 1) << 4 : 0;
          to[i] = scale * number - minimum;
        }
        break;
      }
      case Q6_K: {
        const uint8_t *block = from + at / 256 * 210;
        float scale = HALF_AT(block + 208);
        for (int i = 0; i < 32; i++) {
          int four = block[part / 4 * 64 + part % 2 * 32 + i] >> part % 4 / 2 * 4 & 15;
          int two = block[128 + part / 4 * 32 + i] >> part % 4 * 2 & 3;
          to[i] = scale * (int8_t)block[192 + part * 2 + i / 16] * ((four | two << 4) - 32);
        }
        break;
      }
      case IQ4_NL: {
        const uint8_t *block = from + at / 32 * 18;
        decode_levels(block + 2, UNEVEN, HALF_AT(block), to);
        break;
      }
      case IQ4_XS: {
        const uint8_t *block = from + at / 256 * 136;
        float scale = HALF_AT(block) * uneven_scale(block, part);
        decode_levels(block + 8 + part * 16, UNEVEN, scale, to);
        break;
      }
      case MXFP4: {
        const uint8_t *block = from + at / 32 * 17;
        decode_levels(block + 1, DOUBLED, ldexpf(1, block[0] - 128), to);
        break;
      }
      case Q8_0: {
        const uint8_t *block = from + at / 32 * 34;
        float scale = HALF_AT(block);
        for (int i = 0; i < 32; i++) {
          to[i] = scale * (int8_t)block[2 + i];
        }
        break;
      }
    }
  }
}

// Each layout has loops of its own.
#define EACH_LAYOUT(CASE) \
  CASE(Q4_0) CASE(Q4_K) CASE(Q5_K) CASE(Q6_K) CASE(IQ4_NL) CASE(IQ4_XS) CASE(MXFP4) CASE(Q8_0)

static void pack(
    enum layout layout, const uint8_t *rows, ptrdiff_t row_bytes, int count, int columns,
    uint8_t *group) {
  struct shape shape = shape_of(layout);
  for (int row = 0; row < count; row++) {
    const uint8_t *from = rows + row * row_bytes;
    for (int unit = 0; unit < columns / shape.columns; unit++) {
      const uint8_t *source = from + (ptrdiff_t)unit * file_bytes(layout);
      uint8_t *to = group + (ptrdiff_t)unit * unit_bytes(shape);
#define CASE(name) \
  case name: \
    pack_unit(name, source, to, row); \
    break;
      switch (layout) { EACH_LAYOUT(CASE) }
#undef CASE
    }
  }
}

static void decode(enum layout layout, const uint8_t *from, int count, float *values) {
#define CASE(name) \
  case name: \
    decode_blocks(name, from, count, values); \
    break;
  switch (layout) { EACH_LAYOUT(CASE) }
#undef CASE
}
