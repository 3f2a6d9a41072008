"""Blocks of quantised weights and what they mean, by llama.cpp's own Python package.

    pip install gguf==0.19.0 numpy
    python gguf-blocks.py > gguf-blocks.txt

A line is a type, what was done, the bytes of a block and its weights, little-endian f32, in base 16.
`read`: bytes are random, with scales of a sensible size, and the package decodes them. `written`:
weights are random, the package encodes them, and the weights of the line are those before.
"""

import numpy
from gguf import quants, GGMLQuantizationType as Type

READ = "Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q4_K Q5_K Q6_K IQ4_NL IQ4_XS MXFP4 Q2_K Q3_K TQ1_0 TQ2_0".split()
WRITTEN = "MXFP4 TQ1_0 TQ2_0".split()
# Where half-precision scales lie, in bytes; from the end where negative.
HALVES = {
    "Q4_1": [0, 2], "Q5_1": [0, 2], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [-2], "Q2_K": [-4, -2],
    "Q3_K": [-2], "TQ1_0": [-2], "TQ2_0": [-2], "MXFP4": [],
}
random = numpy.random.default_rng(11)


def line(name, what, block, weights):
    print(name, what, block.tobytes().hex(), weights.astype("<f4").tobytes().hex())


for name in READ:
    size, length = quants.GGML_QUANT_SIZES[Type[name]]
    for _ in range(2):
        block = random.integers(0, 256, length, dtype=numpy.uint8)
        for at in HALVES.get(name, [0]):
            at %= length
            block[at : at + 2] = numpy.frombuffer(numpy.float16(random.normal()).tobytes(), numpy.uint8)
        if name.startswith("TQ1"):
            block[:-2] = (random.integers(0, 243, length - 2) * 256 + 242) // 243
        if name == "TQ2_0":
            digits = random.integers(0, 3, (4, length - 2))
            block[:-2] = digits[0] | digits[1] << 2 | digits[2] << 4 | digits[3] << 6
        line(name, "read", block, quants.dequantize(block, Type[name]))

# The least and the greatest exponents.
for exponent in (0, 1, 2, 254, 255):
    block = numpy.array([exponent, *range(16)], dtype=numpy.uint8)
    with numpy.errstate(over="ignore"):
        line("MXFP4", "read", block, quants.dequantize(block, Type.MXFP4))

for name in WRITTEN:
    size, length = quants.GGML_QUANT_SIZES[Type[name]]
    for scale in (0.02, 3.0):
        weights = random.normal(0, scale, size).astype(numpy.float32)
        line(name, "written", quants.quantize(weights, Type[name]), weights)
# Values halfway between two of MXFP4.
ties = numpy.array([6, 5, -5, 3.5, -3.5, 2.5, 1.75, 1.25, 0.75, 0.25, -0.25] + [0] * 21, numpy.float32)
line("MXFP4", "written", quants.quantize(ties, Type.MXFP4), ties)
