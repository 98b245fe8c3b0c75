"""Chance as a pure function of numbers: one seed, one world, nothing stored."""

import math
from random import Random

_MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """
    Scatter a number over 64 bits, one to one.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    """
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def unit(*numbers: int) -> float:
    """Draw a number in [0, 1) from *numbers*."""
    state = 0
    for number in numbers:
        state = mix(state ^ (number & _MASK))
    return state / 2**64


def dice(*numbers: int) -> Random:
    """Open a stream of chance for *numbers*."""
    state = 0
    for number in numbers:
        state = mix(state ^ (number & _MASK))
    return Random(state)  # noqa: S311 - an invented world, nothing secret


class Lot:
    """A few choices out of one large number: a quarter of what opening `dice` costs."""

    __slots__ = ("_left",)

    def __init__(self, bits: int) -> None:
        self._left = bits

    def pick(self, size: int) -> int:
        """Choose a number below *size*; what is left serves the next choice."""
        self._left, chosen = divmod(self._left, size)
        return chosen


class Shuffle:
    """A one-to-one reordering of 0…size-1, asked both ways in constant space."""

    def __init__(self, size: int, seed: int) -> None:
        self.size = max(size, 1)
        self._step = self._coprime(mix(seed) % self.size)
        self._start = mix(seed + 1) % self.size
        self._back = pow(self._step, -1, self.size) if self.size > 1 else 0

    def _coprime(self, near: int) -> int:
        """Find the first step from *near* on that visits every place."""
        step = max(near, 1)
        while math.gcd(step, self.size) != 1:
            step += 1
        return step

    def at(self, rank: int) -> int:
        """Say who has the *rank*."""
        return (self._step * rank + self._start) % self.size

    def rank(self, item: int) -> int:
        """Say which rank the *item* has."""
        return ((item - self._start) * self._back) % self.size
