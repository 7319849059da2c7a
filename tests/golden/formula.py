"""Computes the same numbers as tests/support/formula.h, bit for bit."""

import numpy as np


def text_hash(text):
    """64-bit FNV-1a."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def words(sequence, count):
    """Words 0 .. count-1 of SplitMix64 started from `sequence`."""
    with np.errstate(over="ignore"):
        z = np.uint64(sequence) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def units(name, count):
    """Multiples of 2^-20 in [0, 1)."""
    return (words(text_hash(name), count) >> np.uint64(44)).astype(np.float64) * 2.0**-20


def drawn(name, count, draw="any"):
    """Values as Draw::<draw> of formula.h makes them."""
    u = units(name, count)
    if draw == "positive":
        return u + 0.5
    if draw == "distinct":
        values = np.empty(count)
        values[np.argsort(u, kind="stable")] = (np.arange(count) - count // 2) / 64
        return values
    v = 2 * u - 1
    if draw == "off_zero":
        v = v + np.where(v < 0, -0.25, 0.25)
    return v
