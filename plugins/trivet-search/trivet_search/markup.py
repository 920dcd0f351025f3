"""HTML as text, each line with its place in the source, and the titles that it marks."""

from html.parser import HTMLParser

from trivet_search.document import Document

_SILENT = frozenset(["script", "style", "noscript", "template", "svg"])
_BREAKS = frozenset(
    "address article aside blockquote body br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head "
    "header hr html li main nav ol option p pre section table tbody td th thead title tr ul".split()
)


def html_document(source: str) -> Document:
    parser = _Reader()
    parser.feed(source)
    parser.close()
    return parser.document()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._places: list[int] = []
        self._headings: dict[int, tuple[int, str]] = {}
        self._words: list[str] = []
        self._began = 1
        self._silent = 0
        self._level = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if tag in _BREAKS:
            self._flush()
            self._level = int(tag[1]) if tag[0] == "h" and tag[1:].isdigit() else self._level

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        if tag in _BREAKS:
            self._flush()
            if tag[0] == "h" and tag[1:].isdigit():
                self._level = 0

    def handle_data(self, data: str) -> None:
        words = [] if self._silent else data.split()
        if words:
            if not self._words:
                before = data[: len(data) - len(data.lstrip())]
                self._began = self.getpos()[0] + before.count("\n")
            self._words += words

    def document(self) -> Document:
        self._flush()
        text = "".join(f"{line}\n" for line in self._lines)
        return Document(text=text, places=tuple(self._places), headings=self._headings)

    def _flush(self) -> None:
        if not self._words:
            return
        line = " ".join(self._words)
        if self._level:
            self._headings[len(self._lines)] = (self._level, line)
        self._lines.append(line)
        self._places.append(self._began)
        self._words = []
