// Calls every kernel with memory of exactly the size that it may use, at odd addresses where files
// may lie at them. `tools/sanitize-kernels.sh` compiles it with the sanitizers of addresses and of
// undefined behaviour, which end it at the first fault. What is computed is the matter of the tests
// in Java.
#include "kernels.c"

#include <stdio.h>
#include <stdlib.h>

// Never given back: the process is short.
static uint8_t *bytes(size_t count, size_t alignment, size_t odd) {
  uint8_t *memory = aligned_alloc(alignment, (count + odd + alignment - 1) / alignment * alignment);
  uint8_t *exact = alignment == 1 ? realloc(memory, count + odd) : memory;
  for (size_t n = 0; n < count + odd; n++) {
    exact[n] = rand() & 0x3b; // finite in every type
  }
  return exact + odd;
}

static uint8_t *from_file(size_t count) { return bytes(count, 1, 1); }

static float *floats(size_t count) {
  float *numbers = malloc(count * sizeof *numbers);
  for (size_t n = 0; n < count; n++) {
    numbers[n] = (float)(rand() % 2001 - 1000) / 300;
  }
  return numbers;
}

static void passes(int bits, int columns) {
  for (int kind = 0; kind < 8; kind++) {
    int centred = kind & 1;
    const float *gain = kind & 2 ? floats(columns) : NULL;
    const float *bias = centred && kind & 4 ? floats(columns) : NULL;
    lengthwise_norm(bits, centred, floats(columns), columns, 1e-5, gain, bias, floats(columns));
  }
  lengthwise_silu_gate(bits, floats(columns), floats(columns), columns);
  for (int type = PLAIN_F32; type <= PLAIN_F16; type++) {
    size_t row = (type == PLAIN_F32 ? 4 : 2) * (size_t)columns;
    for (int rows = 1; rows < 10; rows += 2) {
      uint8_t *weights = from_file(row * rows);
      lengthwise_dot(
          bits, type, weights, row, rows, columns, floats(columns), floats(rows + 1), 1);
    }
  }
}

static void layouts(int bits, int layout) {
  int columns = 512;
  struct shape shape = shape_of(layout);
  size_t row = (size_t)columns / shape.columns * file_bytes(layout);
  size_t group = (size_t)columns / shape.columns * unit_bytes(shape);
  for (int rows = 1; rows <= ROWS; rows += 5) {
    lengthwise_pack(layout, from_file(row * rows), row, rows, columns, bytes(group, 64, 0));
  }
  lengthwise_decode(layout, from_file(row), columns, floats(columns + 3), 3);
  int64_t blocks = columns / shape.columns;
  int last = file_bytes(layout) - 2;
  lengthwise_not_finite(from_file(row) + last, blocks, file_bytes(layout));
  int32_t places[48];
  for (int n = 0; n < 48; n++) {
    places[n] = 47 - n;
  }
  for (int count = 1; count <= 16; count += 5) {
    uint8_t *tokens = bytes(token_bytes(columns) * count, 64, 0);
    for (int n = 0; n < count; n++) {
      uint8_t *token = tokens + n * token_bytes(columns);
      lengthwise_round(bits, layout, floats(columns), columns, token);
    }
    uint8_t *groups = bytes(3 * group, 64, 0);
    lengthwise_multiply(
        bits, layout, groups, 37, columns, tokens, count, floats(37 * count), floats(48), 0.5f,
        floats(48 * count), 48, 11, places, 1);
    lengthwise_multiply(
        bits, layout, groups, 48, columns, tokens, count, floats(48 * count), NULL, 1,
        floats(48 * count), 48, 0, NULL, 0);
    lengthwise_multiply_silu(
        bits, layout, groups, bytes(3 * group, 64, 0), 48, columns, tokens, count,
        floats(48 * count), floats(48 * count), floats(48 * count), 48, 0, places, 0);
  }
}

static void attention(int bits, int type, int size, int queries) {
  int width = (size + PADDING - 1) / PADDING * PADDING;
  int groups = (size + CACHE_GROUP - 1) / CACHE_GROUP;
  size_t element = type == F32 ? 4 : type == BF16 ? 2 : 1;
  size_t scales = type == Q8 ? 2 * KEYS * (size_t)groups : 0;
  size_t keys = (size_t)size * KEYS * element + scales;
  size_t values = (size_t)width * KEYS * element + scales;
  int32_t from[8];
  int32_t until[8];
  float reference[3 * 16];
  for (int n = 0; n < 3 * 16; n++) {
    from[n / 6] = rand() % (KEYS + 1);
    until[n / 6] = rand() % (KEYS + 1);
    reference[n] = -1e30f;
  }
  int all = queries % 2;
  int heads = 1 + queries / 3 % 3;
  int64_t pages[6];
  int count = all ? 3 : 1;
  for (int page = 0; page < count; page++) {
    pages[2 * page] = (int64_t)bytes(heads * keys, 4, 0);
    pages[2 * page + 1] = (int64_t)bytes(heads * values, 4, 0);
  }
  int rows = heads * queries;
  lengthwise_attend(
      bits, type, pages, count, keys, size, values, size, all ? NULL : from, all ? NULL : until, 2,
      heads, queries, floats((size_t)rows * size), reference, floats(rows * PARTIAL_SUMS),
      floats((size_t)rows * width));
  if (type == Q8) {
    return;
  }
  int pairs = size / 2;
  const float *phases = floats((size_t)KEYS * 2 * pairs);
  lengthwise_write(
      type, bytes(3 * keys, 4, 0), keys, 3, KEYS - 1, KEYS, size, floats(3 * size), size, phases,
      KEYS - 1, pairs);
  lengthwise_write(
      type, bytes(3 * values, 4, 0), values, 3, (KEYS - 1) * width, 1, size, floats(3 * size), size,
      NULL, 0, 0);
  lengthwise_rotate(floats(2 * pairs + 3), 3, phases, KEYS - 1, pairs);
}

int main(void) {
  int widths[] = {256, lengthwise_vector_bits()};
  for (int n = 0; n < 2; n++) {
    for (int columns = 1; columns < 1100; columns = columns * 3 / 2 + 1) {
      passes(widths[n], columns);
    }
    for (int rows = 1; rows < 10; rows++) {
      uint8_t *weights = from_file(34 * 3 * rows);
      lengthwise_dot(
          widths[n], PLAIN_Q8_0, weights, 34 * 3, rows, 96, floats(96), floats(rows), 0);
    }
    for (int layout = Q4_0; layout <= Q8_0; layout++) {
      layouts(widths[n], layout);
    }
    for (int type = F32; type <= Q8; type++) {
      for (int size = 1; size < 140; size += 23) {
        for (int queries = 1; queries <= 16; queries += 3) {
          attention(widths[n], type, size, queries);
        }
      }
    }
  }
  puts("No fault was found.");
  return 0;
}
