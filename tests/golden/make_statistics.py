#!/usr/bin/env python3
"""Writes statistics.json: the paired t-test, Wilcoxon's signed-rank test, Friedman's test and Student's distribution
from SciPy, Holm's correction from its definition, and Nemenyi's critical differences from mpmath with 40 digits.

    python3 tests/golden/make_statistics.py

The samples are those that seeds give: few, close to each other, with ties and without. The studentized range is
integrated by mpmath because SciPy's quantile of it is not known to twelve digits; SciPy's value is stored beside it.
"""

import json
import math
import pathlib

import mpmath
import numpy as np
import scipy
from scipy import stats

mpmath.mp.dps = 40
draw = np.random.default_rng(7)


def pair(name, a, b):
    a, b = [float(v) for v in a], [float(v) for v in b]
    t = stats.ttest_rel(a, b)
    intervals = {str(c): list(t.confidence_interval(c)) for c in (0.9, 0.95, 0.99)}
    w = stats.wilcoxon(a, b)
    return {"name": name, "a": a, "b": b, "t": t.statistic, "p": t.pvalue, "intervals": intervals,
            "wilcoxon": w.statistic, "wilcoxon_p": w.pvalue}


def near(n, shift, width):
    base = 0.5 + 0.05 * draw.standard_normal(n)
    return base + shift + width * draw.standard_normal(n), base


def pairs():
    yield pair("three seeds, all higher", [0.5637, 0.5641, 0.5702], [0.3611, 0.3550, 0.3529])
    yield pair("three seeds, mixed", [0.41, 0.43, 0.40], [0.42, 0.405, 0.41])
    for n in (2, 4, 5, 6, 8, 10, 13, 20, 50, 51, 80):
        yield pair(f"{n} seeds", *near(n, 0.01, 0.02))
    yield pair("nearly alike", *near(10, 1e-4, 0.02))
    yield pair("far apart", *near(10, 0.4, 0.01))
    # Binary fractions, so that equal differences are equal to the last bit.
    quarter = [1, 2, 2, 3, -1, 4, 4, 5, -2, 6, 7]
    yield pair("eleven with ties", [q / 4 for q in quarter], [0] * 11)
    yield pair("with zeros", [q / 4 for q in (0, 1, 2, -3, 4, 0, 6)], [0] * 7)
    yield pair("fourteen with ties", [q / 4 for q in quarter + [8, 9, 1]], [0] * 14)
    yield pair("twenty with ties and zeros", [q / 4 for q in quarter + [0, 0, 1, 3, -5, 5, 8, 2, 1]], [0] * 20)


def holm(p):
    order = sorted(range(len(p)), key=lambda i: p[i])
    out, so_far = [0.0] * len(p), 0.0
    for j, i in enumerate(order):
        so_far = max(so_far, min(1.0, (len(p) - j) * p[i]))
        out[i] = so_far
    return out


def friedman(name, scores):
    chi_square, p = stats.friedmanchisquare(*np.asarray(scores).T)
    ranks = stats.rankdata(-np.asarray(scores), axis=1).mean(axis=0)
    return {"name": name, "scores": np.asarray(scores).tolist(), "chi_square": chi_square, "p": p,
            "mean_ranks": ranks.tolist()}


def studentized_range(k, alpha):
    """The quantile 1 - alpha for infinitely many degrees of freedom."""
    def above(q):
        f = lambda z: mpmath.npdf(z) * (mpmath.ncdf(z) - mpmath.ncdf(z - q)) ** (k - 1)
        return k * mpmath.quad(f, mpmath.linspace(-12, 12, 25)) - (1 - mpmath.mpf(alpha))
    start = float(stats.studentized_range.ppf(1 - alpha, k, np.inf))
    return mpmath.findroot(above, (start - 1e-3, start + 1e-3), solver="anderson", tol=1e-30), start


def critical(k, n, alpha):
    q, theirs = studentized_range(k, alpha)
    return {"methods": k, "settings": n, "alpha": alpha, "critical_difference":
            float(q / mpmath.sqrt(2) * mpmath.sqrt(mpmath.mpf(k) * (k + 1) / (6 * n))), "scipy_q": theirs}


def main():
    tables = [friedman("three by four", draw.standard_normal((4, 3))),
              friedman("six by nine", draw.standard_normal((9, 6)) + np.arange(6) / 2),
              friedman("with ties", [[1, 2, 2, 3], [1, 1, 1, 2], [4, 3, 2, 1], [0, 0, 5, 5], [1, 2, 3, 4]])]
    t_values = [(t, f) for f in (1, 2, 3, 4, 9, 29, 99) for t in (0.0, 0.01, 0.7, 1.96, 4.3, 12.7, 150.0)]
    out = {
        "scipy": scipy.__version__,
        "pairs": list(pairs()),
        "student": [{"t": t, "freedom": f, "p": 2 * stats.t.sf(t, f)} for t, f in t_values],
        "holm": [{"p": p, "corrected": holm(p)} for p in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.6, 0.001], [0.02])],
        "friedman": tables,
        "critical_differences": [critical(k, n, a) for k, n, a in
                                 ((2, 10, 0.05), (3, 4, 0.05), (4, 14, 0.1), (5, 30, 0.05), (10, 10, 0.01),
                                  (20, 6, 0.05))],
    }
    assert all(math.isfinite(each["p"]) for each in out["pairs"])
    path = pathlib.Path(__file__).with_name("statistics.json")
    path.write_text(json.dumps(out, indent=1) + "\n")


main()
