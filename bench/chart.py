"""Draw the figures as bars, without a library."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

Bar = tuple[str, float]
WIDTH, ROW, LEFT, HEAD = 860, 26, 330, 34


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
    style = 'font-family="sans-serif" font-size="13" fill="#222"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}">'
    body = "\n".join(parts)
    path.write_text(f'{head}\n<rect width="100%" height="100%" fill="#fff"/>\n<g {style}>\n{body}\n</g>\n</svg>\n')
