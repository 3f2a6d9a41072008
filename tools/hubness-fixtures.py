"""Writes core/src/test/resources/vectors: 200 points and what numpy, scipy and scikit-learn find.

Made with numpy 2, scipy 1 and scikit-learn 1 in a virtual environment:
    pip install numpy scipy scikit-learn
    python tools/hubness-fixtures.py core/src/test/resources/vectors
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.stats import norm, skew
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

COUNT, SIZE, K = 200, 16, 10


def occurrences(neighbours):
    return np.bincount(neighbours.ravel(), minlength=COUNT)


def described(neighbours):
    counts = occurrences(neighbours)
    return {
        "occurrences": counts.tolist(),
        "skewness": float(skew(counts)),
        "firstNeighbours": neighbours[:, 0].tolist(),
    }


def euclidean(points):
    search = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(points)
    return search.kneighbors()  # without the point itself


def ranked(values):
    np.fill_diagonal(values, np.inf)
    return np.argsort(values, axis=1, kind="stable")[:, :K]


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(9147)
    mixing = random.normal(size=(SIZE, SIZE)) / 4
    points = (random.normal(size=(COUNT, SIZE)) @ mixing + 0.5).astype(np.float32)
    np.save(folder / "points.npy", points)
    exact = points.astype(np.float64)
    distances, neighbours = euclidean(exact)
    result = {"as they are": described(neighbours)}
    unit = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    result["normalized"] = described(euclidean(unit)[1])
    centred = exact - exact.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    result["centred, then normalized"] = described(euclidean(unit)[1])
    white = PCA(whiten=True, svd_solver="full").fit_transform(exact)
    result["whitened"] = described(euclidean(white)[1])
    pairs = np.linalg.norm(exact[:, None] - exact[None], axis=2)
    scale = distances[:, -1]
    result["local scaling"] = described(ranked(pairs**2 / np.outer(scale, scale)))
    others = pairs[~np.eye(COUNT, dtype=bool)].reshape(COUNT, COUNT - 1)
    mean, deviation = others.mean(axis=1), others.std(axis=1, ddof=1)
    above = norm.sf((pairs - mean[:, None]) / deviation[:, None])
    result["mutual proximity"] = described(ranked(1 - above * above.T))
    (folder / "points.json").write_text(json.dumps(result) + "\n")


main(sys.argv[1])
