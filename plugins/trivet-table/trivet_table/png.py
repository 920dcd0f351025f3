"""Pictures as PNG, the same bytes for the same table."""

import io
import re
import warnings
from typing import Any, assert_never

from trivet_table.plotting import Bars, Picture, Points, moment

_CHINESE = re.compile("[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_FONTS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC",
    "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "Droid Sans Fallback", "AR PL UMing CN", "Arial Unicode MS",
)  # fmt: skip
"""Of those that are installed, the first is used where Chinese, Japanese or Korean characters occur."""


def encoded(picture: Picture, title: str) -> tuple[bytes, tuple[str, ...]]:
    """The PNG, and notes for people."""
    from matplotlib.figure import Figure  # half a second, which only a picture should cost
    from matplotlib.text import Text

    figure = Figure(figsize=(8, 5), dpi=120, layout="tight")
    axes = figure.subplots()
    match picture:
        case Bars():
            axes.barh(range(len(picture.values)), picture.values)
            axes.set_yticks(range(len(picture.labels)), [_literal(label) for label in picture.labels])
            axes.invert_yaxis()
            axes.set_xlabel(_literal(picture.y))
            axes.set_ylabel(_literal(picture.x))
        case Points():
            xs: Any = [moment(x) for x in picture.xs] if picture.is_time else picture.xs
            axes.plot(xs, picture.ys, *([] if picture.is_joined else ["."]))
            axes.set_xlabel(_literal(picture.x))
            axes.set_ylabel(_literal(picture.y))
            if picture.is_time:
                figure.autofmt_xdate()
        case _:
            assert_never(picture)
    axes.set_title(_literal(title))
    words = " ".join([title, picture.x, picture.y, *(picture.labels if isinstance(picture, Bars) else ())])
    notes: tuple[str, ...] = ()
    if _CHINESE.search(words):
        if font := _installed():
            for text in figure.findobj(Text):
                assert isinstance(text, Text)
                text.set_fontfamily([font, "DejaVu Sans"])
        else:
            notes = ("no font with Chinese characters is installed, so the picture shows boxes for them",)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # characters that the font lacks: said above
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue(), notes


def _literal(text: str) -> str:
    """`$` begins a formula for matplotlib."""
    return text.replace("$", r"\$")


def _installed() -> str:
    from matplotlib import font_manager

    there = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in _FONTS if name in there), "")
