"""Draw the figures as bars or lines, without a library."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

Bar = tuple[str, float]
WIDTH, ROW, LEFT, HEAD = 860, 26, 330, 34
HEIGHT, MARGIN = 260, 50
STYLE = 'font-family="sans-serif" font-size="13" fill="#222"'
COLOURS = ("#d9730d", "#2f6f9f", "#8a94a6", "#4c8c4a")


def write_chart(path: Path, groups: Sequence[tuple[str, str, Sequence[Bar]]]) -> None:
    """Write groups of bars as SVG: title, unit and the bars of each."""
    parts: list[str] = []
    top = 10
    for title, unit, bars in groups:
        parts.append(f'<text x="10" y="{top + 18}" font-weight="bold">{escape(title)} ({escape(unit)})</text>')
        top += HEAD
        most = max((value for _, value in bars), default=1.0) or 1.0
        for name, value in bars:
            length = max(1.0, value / most * (WIDTH - LEFT - 110))
            colour = "#d9730d" if name.startswith("gateway") else "#8a94a6"
            parts.append(f'<text x="{LEFT - 8}" y="{top + 15}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="{LEFT}" y="{top + 2}" width="{length:.1f}" height="17" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{top + 15}">{value:,.1f}</text>')
            top += ROW
        top += 12
    _write(path, top, parts)


def write_lines(path: Path, title: str, seconds: Sequence[float], lines: Mapping[str, Sequence[float]]) -> None:
    """Write values over time as SVG: one line for each name, from zero up."""
    most = 1.2 * max(max(values) for values in lines.values())
    width, height = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    parts = [f'<text x="{MARGIN}" y="28" font-weight="bold">{escape(title)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = MARGIN + height * (1 - share)
        parts.append(f'<line x1="{MARGIN}" y1="{y:.1f}" x2="{MARGIN + width}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{share * most:.0f}</text>')
    for number, (name, values) in enumerate(lines.items()):
        points = " ".join(
            f"{MARGIN + width * at / seconds[-1]:.1f},{MARGIN + height * (1 - value / most):.1f}"
            for at, value in zip(seconds, values, strict=True)
        )
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x = MARGIN + 110 * number
        parts.append(f'<text x="{x}" y="{HEIGHT - 12}" style="fill:{colour}">{escape(name)}</text>')
    parts.append(f'<text x="{WIDTH - MARGIN}" y="{HEIGHT - 12}" text-anchor="end">{seconds[-1]:.0f} s</text>')
    _write(path, HEIGHT, parts)


def _write(path: Path, height: float, parts: Sequence[str]) -> None:
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    body = "\n".join(parts)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>\n<rect width="100%" height="100%" fill="#fff"/>\n'
        f"<g {STYLE}>\n{body}\n</g>\n</svg>\n",
        encoding="utf-8",
    )
