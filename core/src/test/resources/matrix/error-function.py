"""Makes the coefficients of ErrorFunction.java (python3, numpy, scipy).

Polynomials whose greatest weighted error on a dense grid is the smallest, by Lawson's algorithm:
least squares, again and again, with weights that grow where the error is large.
"""
import numpy as np
from scipy.special import erf, log_ndtr

SPLIT = 0.9375


def fit(x, y, weight, degree):
    """Coefficients, lowest first, and the greatest weight * |polynomial - y|."""
    half = x.max() / 2
    basis = np.polynomial.chebyshev.chebvander(x / half - 1, degree) * weight[:, None]
    lawson = np.ones(len(x))
    for _ in range(2000):
        root = np.sqrt(lawson)
        solved = np.linalg.lstsq(basis * root[:, None], y * weight * root, rcond=None)[0]
        error = np.abs(basis @ solved - y * weight)
        lawson *= error / error.max() + 1e-12
        lawson /= lawson.sum()
    series = np.polynomial.chebyshev.Chebyshev(solved, domain=[0, 2 * half])
    return series.convert(kind=np.polynomial.Polynomial).coef, error.max()


def show(name, coefficients, error):
    print(name, "greatest error %.1e" % error)
    for c in coefficients[::-1]:
        print("  %.9e" % np.float32(c))


x = np.linspace(1e-3, SPLIT, 2000)
show("erf(x) = x + x p(x^2), relative:", *fit(x * x, erf(x) / x - 1, x / erf(x), 5))
t = np.linspace(SPLIT, 4, 2000)
log_erfc = np.log(2) + log_ndtr(-t * np.sqrt(2))
# The root: both small errors of erf and small relative errors of erfc are wanted.
show("ln erfc(t) = t q(t) - t, times the root of erfc(t):",
     *fit(t, log_erfc / t + 1, t * np.exp(log_erfc / 2), 6))
