"""Makes the coefficients of ErrorFunction.java (python3, numpy, scipy).

The polynomial q of ln erfc(t) = t q(t) - t whose greatest weighted error on a dense grid is the
smallest, by Lawson's algorithm: least squares, again and again, with weights that grow where the
error is large. The weight is the root of erfc: both small errors of erf and small relative errors
of erfc are wanted.
"""
import numpy as np
from scipy.special import log_ndtr

LAST = 4
DEGREE = 9

t = np.linspace(1e-3, LAST, 2000)
log_erfc = np.log(2) + log_ndtr(-t * np.sqrt(2))
weight = t * np.exp(log_erfc / 2)
wanted = (log_erfc / t + 1) * weight
basis = np.polynomial.chebyshev.chebvander(2 * t / LAST - 1, DEGREE) * weight[:, None]
lawson = np.ones(len(t))
for _ in range(2000):
    root = np.sqrt(lawson)
    solved = np.linalg.lstsq(basis * root[:, None], wanted * root, rcond=None)[0]
    error = np.abs(basis @ solved - wanted)
    lawson *= error / error.max() + 1e-12
    lawson /= lawson.sum()
series = np.polynomial.chebyshev.Chebyshev(solved, domain=[0, LAST])
print("greatest error %.1e" % error.max())
for c in series.convert(kind=np.polynomial.Polynomial).coef[::-1]:
    print("  %.9e" % np.float32(c))
