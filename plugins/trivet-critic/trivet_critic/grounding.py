"""What an answer states that nothing in the run says."""

import re

from trivet_critic.dates import dates_in
from trivet_critic.numbers import figures_in
from trivet_critic.sources import Sources

_QUOTED = re.compile(
    r'"([^"\n]{2,400})"|“([^”]{2,400})”|「([^」]{2,400})」|『([^』]{2,400})』|《([^》]{2,200})》|`([^`\n]{2,200})`'
)


def ungrounded(answer: str, sources: Sources) -> list[str]:
    """Figures, dates and quoted words of the answer that are in no source, as the answer writes them, each once."""
    found = [figure.text for figure in figures_in(answer) if not sources.have_figure(figure)]
    found += [dated.text for dated in dates_in(answer) if not sources.have_date(dated.readings)]
    found += [words for words in quotations(answer) if not sources.have_words(words)]
    return list(dict.fromkeys(found))


def quotations(text: str) -> list[str]:
    """What stands in double quotation marks of any kind, or in backticks."""
    return [next(group for group in match.groups() if group is not None) for match in _QUOTED.finditer(text)]
