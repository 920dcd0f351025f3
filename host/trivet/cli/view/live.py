"""The plan as a tree that changes while the run goes on, on the terminal behind stderr."""

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from trivet.cli.screen import in_line, shown
from trivet.cli.view import wording
from trivet.journal.fold import Fold
from trivet_sdk import events as happened
from trivet_sdk.events import Record


class LiveTree:
    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._fold = Fold("")
        self._activity = ""
        self._typed = ""
        self._progress: dict[str, str] = {}
        self._said: dict[str, str] = {}
        self._judged: dict[str, str] = {}
        self._last_verdict = ""
        self._remarks: list[str] = []
        self._live: Live | None = None
        self._is_paused = False
        self._running = Spinner("dots")
        self._doing = Spinner("dots")

    def show(self, record: Record) -> None:
        event = record.event
        if record.seq:
            self._fold.apply(record)
        match event:
            case happened.ModelCalled():
                self._activity, self._typed = wording.activity(event), ""
            case happened.ModelDelta(text=text):
                self._typed = (self._typed + text)[-400:]
            case happened.ModelReturned():
                self._activity = self._typed = ""
            case happened.ToolProgressed(step=step, done=done, total=total, message=message) if step:
                share = f"{done / total:.0%} " if total else ""
                self._progress[step] = f"{share}{message}"
            case happened.ToolReturned(step=step, result=result) if step and result is not None:
                self._said[step] = wording.outcome(result)
            case happened.ToolFailed(step=step, error=error) if step:
                self._said[step] = error
            case happened.VerdictIssued() if said := wording.handover(event):
                self._remarks.append(said)
            case happened.VerdictIssued(step=step, verdict=verdict) if said := wording.quiet_verdict(verdict):
                if step:
                    self._judged[step] = said
                else:
                    self._last_verdict = said
            case happened.PlanProposed() if said := wording.proposal(event):
                self._remarks.append(said)
            case happened.VerdictIssued(verdict=verdict) if said := wording.verdict(verdict):
                self._remarks.append(said)
            case _:
                pass
        self._draw()

    def pause(self) -> None:
        self._is_paused = True
        self._stop()

    def resume(self) -> None:
        self._is_paused = False
        self._draw()

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def close(self) -> None:
        self._activity = ""
        if self._is_paused and self._fold.finished is not None:
            self.resume()  # so that the last picture stays
        self._stop()

    def _draw(self) -> None:
        if self._live is None and not self._is_paused:
            self._live = Live(console=self._console, refresh_per_second=10, get_renderable=self._picture)
            self._live.start()

    def _picture(self) -> RenderableType:
        width = max(self._console.width - 4, 20)
        grid = Table.grid(padding=(0, 1))
        for id, step in self._fold.steps.items():
            state = self._fold.states.get(id, "pending")
            mark, style = wording.MARKS[state]
            icon: RenderableType = self._running if state == "running" else Text(mark, style=style)
            grid.add_row(
                icon,
                Text(in_line(id), style="dim"),
                Text(wording.shortened(wording.step(step), width - 4), style=style if style in ("dim", "bold") else ""),
            )
            said = self._progress.get(id, "") if state == "running" else self._said.get(id, "")
            judged = self._judged.get(id, "")
            if said or judged:
                line = Text(
                    wording.shortened(said, width - 6 - len(judged)), style="red" if state == "failed" else "cyan"
                )
                if judged:
                    line.append(f"  {judged}" if said else judged, style="dim")
                grid.add_row("", "", line)
        rows: list[RenderableType] = [grid] if self._fold.steps else []
        rows += [
            Text.from_markup(f"[yellow]{escape(wording.shortened(remark, width))}[/]") for remark in self._remarks[-4:]
        ]
        if self._last_verdict:
            rows.append(Text(self._last_verdict, style="dim"))
        if self._fold.finished is None and self._fold.status != "waiting":
            doing = self._activity or ("planning" if not self._fold.steps else "")
            if doing:
                self._doing.update(text=Text(shown(doing), style="dim"))
                rows.append(self._doing)
            if self._typed:
                rows.append(Text(shown(" ".join(self._typed.split()))[-width:], style="dim"))
        return Group(*rows)
