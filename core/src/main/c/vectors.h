// Operations on vectors of one width: NAME(…) names what is made of them, LANES says how many numbers
// of 32 bits a vector has. Included once for each width.

#undef VECTORS
#undef INTS
#undef FLOATS
#undef AND
#undef XOR
#undef OR
#undef ADD
#undef SHL
#undef SHR
#undef ALL
#undef LOAD
#undef TABLE
#undef LOOK_UP
#undef TO_FLOATS
#undef FROM_HALVES
#undef FROM_BYTES
#undef FROM_SIGNED
#undef WIDE_BYTES
#undef LARGER
#undef AS_FLOATS
#undef MUL
#undef SUB
#undef FMA
#undef ONE
#undef STORE
#undef LOAD_FLOATS
#undef PLUS
#undef GREATER
#undef LESSER
#undef DIVIDE
#undef TO_INTS
#undef CHOOSE_WHERE_LESS
#undef ANY_GREATER
#undef GREATEST
#undef ZERO_WHERE_LESS
#undef AS_INTS
#undef WIDE_HALVES

#if LANES == 16
#define VECTORS 1
typedef __m512i NAME(ints);
typedef __m512 NAME(floats);
#define INTS NAME(ints)
#define FLOATS NAME(floats)
#define AND(a, b) _mm512_and_si512(a, b)
#define XOR(a, b) _mm512_xor_si512(a, b)
#define OR(a, b) _mm512_or_si512(a, b)
#define ADD(a, b) _mm512_add_epi32(a, b)
#define SHL(a, n) _mm512_slli_epi32(a, n)
#define SHR(a, n) _mm512_srli_epi32(a, n)
#define ALL(n) _mm512_set1_epi32(n)
#define LOAD(p) _mm512_loadu_si512(p)
#define TABLE(t) _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(t)))
#define LOOK_UP(t, n) _mm512_shuffle_epi8(t, n)
#define TO_FLOATS(a) _mm512_cvtepi32_ps(a)
#define FROM_HALVES(p) _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(p)))
#define FROM_BYTES(p) _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(p))))
#define FROM_SIGNED(p) _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)(p))))
#define WIDE_BYTES(p) _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(p)))
#define LARGER(a, b) _mm512_max_epi32(a, b)
#define AS_FLOATS(a) _mm512_castsi512_ps(a)
#define MUL(a, b) _mm512_mul_ps(a, b)
#define SUB(a, b) _mm512_sub_ps(a, b)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define ONE(x) _mm512_set1_ps(x)
#define STORE(p, a) _mm512_storeu_ps(p, a)
#define LOAD_FLOATS(p) _mm512_loadu_ps(p)
#define PLUS(a, b) _mm512_add_ps(a, b)
#define GREATER(a, b) _mm512_max_ps(b, a)
#define LESSER(a, b) _mm512_min_ps(a, b)
#define DIVIDE(a, b) _mm512_div_ps(a, b)
#define TO_INTS(a) _mm512_cvttps_epi32(a)
#define CHOOSE_WHERE_LESS(a, b, x, y) _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x)
#define ANY_GREATER(a, b) (_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0)
#define GREATEST(a) _mm512_reduce_max_ps(a)
#define ZERO_WHERE_LESS(a, b, x) _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ), x)
#define AS_INTS(a) _mm512_castps_si512(a)
#define WIDE_HALVES(p) _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(p)))
#else
#define VECTORS 2
typedef __m256i NAME(ints);
typedef __m256 NAME(floats);
#define INTS NAME(ints)
#define FLOATS NAME(floats)
#define AND(a, b) _mm256_and_si256(a, b)
#define XOR(a, b) _mm256_xor_si256(a, b)
#define OR(a, b) _mm256_or_si256(a, b)
#define ADD(a, b) _mm256_add_epi32(a, b)
#define SHL(a, n) _mm256_slli_epi32(a, n)
#define SHR(a, n) _mm256_srli_epi32(a, n)
#define ALL(n) _mm256_set1_epi32(n)
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define TABLE(t) _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(t)))
#define LOOK_UP(t, n) _mm256_shuffle_epi8(t, n)
#define TO_FLOATS(a) _mm256_cvtepi32_ps(a)
#define FROM_HALVES(p) _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(p)))
#define FROM_BYTES(p) _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p))))
#define FROM_SIGNED(p) _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(p))))
#define WIDE_BYTES(p) _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(p)))
#define LARGER(a, b) _mm256_max_epi32(a, b)
#define AS_FLOATS(a) _mm256_castsi256_ps(a)
#define MUL(a, b) _mm256_mul_ps(a, b)
#define SUB(a, b) _mm256_sub_ps(a, b)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define ONE(x) _mm256_set1_ps(x)
#define STORE(p, a) _mm256_storeu_ps(p, a)
#define LOAD_FLOATS(p) _mm256_loadu_ps(p)
#define PLUS(a, b) _mm256_add_ps(a, b)
#define GREATER(a, b) _mm256_max_ps(b, a)
#define LESSER(a, b) _mm256_min_ps(a, b)
#define DIVIDE(a, b) _mm256_div_ps(a, b)
#define TO_INTS(a) _mm256_cvttps_epi32(a)
#define CHOOSE_WHERE_LESS(a, b, x, y) _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ))
#define ANY_GREATER(a, b) (_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0)
#define GREATEST(a) greatest_of(a)
#define ZERO_WHERE_LESS(a, b, x) _mm256_and_ps(_mm256_cmp_ps(a, b, _CMP_NLT_UQ), x)
#define AS_INTS(a) _mm256_castps_si256(a)
#define WIDE_HALVES(p) _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(p)))
#endif
