"""Draw a panel of a chart as SVG: scales, a grid with labels, lines and boxes; coordinates have one decimal."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

WIDTH = 760
LEFT, RIGHT, HEAD, FOOT = 16, 76, 58, 34
INK, QUIET, GRID = "#1f2933", "#6b7785", "#e3e7ec"
UP, DOWN, LINE, SECOND = "#1a7f5a", "#c2452d", "#2f6f9f", "#d9730d"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


@dataclass(frozen=True)
class Scale:
    """Map values from ``low`` to ``high`` to coordinates from ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the coordinate of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def get_ticks(low: float, high: float, most: int) -> list[float]:
    """Return round values within bounds, at most so many."""
    rough = (high - low) / most
    magnitude = 10 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= rough)
    return [round(number * step, 10) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def get_bounds(values: Iterable[float], spare: float = 0.08) -> tuple[float, float]:
    """Return what holds all values, with some room on both sides."""
    known = list(values)
    room = (max(known) - min(known) or 1.0) * spare
    return min(known) - room, max(known) + room


@dataclass
class Chart:
    """Collect the parts of a picture of one height."""

    title: str
    subtitle: str
    height: int = 320
    parts: list[str] = field(default_factory=list)

    @property
    def right(self) -> float:
        """Return where the plot ends; labels of values stand beyond."""
        return WIDTH - RIGHT

    def text(
        self, x: float, y: float, words: str, *, colour: str = QUIET, anchor: str = "start", size: int = 12
    ) -> None:
        """Write words."""
        style = f'x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" text-anchor="{anchor}"'
        self.parts.append(f"<text {style}>{escape(words)}</text>")

    def rule(self, x1: float, y1: float, x2: float, y2: float, colour: str = GRID, width: float = 1) -> None:
        """Draw a straight line."""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line {ends} stroke="{colour}" stroke-width="{width:g}"/>')

    def box(self, x: float, y: float, width: float, height: float, colour: str, opacity: float = 1) -> None:
        """Fill a rectangle, which may stand on its head."""
        top, size = min(y, y + height), max(abs(height), 0.6)
        shape = f'x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{size:.1f}"'
        self.parts.append(f'<rect {shape} fill="{colour}" fill-opacity="{opacity:g}"/>')

    def line(self, points: Sequence[tuple[float, float]], colour: str, *, base: float | None = None) -> None:
        """Draw a line through points; with a base, what lies between them is tinted."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        if base is not None:
            ends = f"{points[-1][0]:.1f},{base:.1f} {points[0][0]:.1f},{base:.1f}"
            self.parts.append(f'<polygon points="{path} {ends}" fill="{colour}" fill-opacity="0.14"/>')
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-linejoin="round"/>'
        )

    def label_values(self, scale: Scale, write: Callable[[float], str], most: int = 5) -> None:
        """Draw a grid line and a label for some round values of a vertical scale."""
        for value in get_ticks(scale.low, scale.high, most):
            self.rule(LEFT, scale(value), self.right, scale(value))
            self.text(self.right + 8, scale(value) + 4, write(value))

    def label_places(self, places: Sequence[tuple[float, str]], y: float) -> None:
        """Write labels below the plot, none too near to its ends."""
        for x, words in places:
            self.text(min(max(x, LEFT + 30), self.right - 30), y, words, anchor="middle")

    def legend(self, entries: Sequence[tuple[str, str]]) -> None:
        """Name the colours, from the right."""
        x = float(WIDTH - LEFT)
        for words, colour in reversed(entries):
            self.text(x, 26, words, colour=INK, anchor="end")
            x -= 6.6 * len(words) + 8
            self.box(x - 10, 16, 10, 10, colour)
            x -= 26

    def write(self) -> str:
        """Return the picture."""
        size = f'width="{WIDTH}" height="{self.height}" viewBox="0 0 {WIDTH} {self.height}"'
        heading = Chart(self.title, self.subtitle)
        heading.text(LEFT, 26, self.title, colour=INK, size=16)
        heading.text(LEFT, 44, self.subtitle)
        body = "\n".join([*heading.parts, *self.parts])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>\n<title>{escape(self.title)}</title>\n'
            f'<rect width="{WIDTH}" height="{self.height}" rx="8" fill="#ffffff"/>\n'
            f'<g font-family="{FONT}">\n{body}\n</g>\n</svg>\n'
        )
