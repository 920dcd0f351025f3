"""Installing, updating and removing plugins: proposed first, then done so that a kill leaves the old or the new state.

Everything that can fail or be interrupted (resolving, fetching, building) happens before anything changes. Then the
intent is written down, the staged wheels are installed without network, and the intent is removed; whoever comes next
finishes an intent that is still there.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from trivet.errors import InstallError
from trivet.packages import changes as decided
from trivet.packages import environments, exclusion, record, unfinished
from trivet.packages.changes import Change
from trivet.packages.drafting import Drafting
from trivet.packages.installed import installed
from trivet.packages.installer import Progress, undisturbed
from trivet.packages.proposal import Options, Proposal
from trivet.packages.record import Asked
from trivet.packages.request import Request
from trivet.packages.unfinished import Intent


class Workshop:
    """Opened by `open_workshop`, which holds the lock."""

    def __init__(self, home: Path, users: Mapping[str, str], progress: Progress, lock: int) -> None:
        self._home = home
        self._progress = progress
        self._lock = lock
        self._staged = home / "plugins" / ".staged"
        self._drafting = Drafting(home, users, progress, self._staged)

    @property
    def asked(self) -> dict[str, Asked]:
        return record.read(self._home)

    def propose(self, wanted: Request, options: Options) -> Proposal:
        """Fetch the plugin's wheel, look into it, and resolve. Changes nothing. Raises InstallError."""
        return self._drafting.propose(wanted, options)

    def is_here(self, name: str) -> bool:
        """Whether what was asked for under this canonical name is installed where it was put."""
        asked = self.asked[name]
        if not asked.environment:
            return name in installed()
        return any(each.name == asked.environment for each in environments.in_use(self._home, min(asked.plugins)))

    def is_current(self, proposal: Proposal) -> bool:
        """Whether the proposal, for something that is installed, would lead to the versions that are there."""
        if proposal.request.kind != "requirement":
            return False  # sources may have changed without a new version
        if proposal.place == "trivet":
            return all(change.before == change.after for change in proposal.changes)
        asked = self.asked.get(proposal.wheel.key)
        if asked is None or not asked.environment or proposal.environment is None:
            return False
        before = _versions(environments.folder(self._home, min(proposal.ids)) / asked.environment)
        new = {change.key: change.after for change in proposal.changes}
        return before == {**_versions(proposal.environment), **new}

    def fetch(self, proposal: Proposal) -> Proposal:
        """With all that comes along, looked into. Changes nothing. Raises InstallError."""
        return self._drafting.fetch(proposal)

    def commit(self, proposal: Proposal) -> None:
        """Do it. Ctrl-C before the change leaves the old state; during it, it is raised once the new one stands."""
        proposal = self._drafting.fetch(proposal)
        asked = self.asked
        intent = self._built_apart(proposal, asked) if proposal.place == "own" else self._ready_here(proposal, asked)
        self._carry_out(intent)

    def remove(self, name: str, ids: Sequence[str]) -> None:
        """Uninstall a distribution, and what came with it and nothing else needs. Nothing of it is run."""
        mine = self.asked.get(name)
        intent = Intent(
            what=name,
            take=tuple(change.key for change in self.leaving(name)),
            environments=dict.fromkeys(ids, ""),
            record={key: each for key, each in self.asked.items() if key != name},
        )
        self._carry_out(intent)
        if mine is not None and mine.wheel:
            (self._home / "plugins" / ".wheels" / mine.wheel).unlink(missing_ok=True)

    def leaving(self, name: str) -> tuple[Change, ...]:
        """What `remove` would take out of trivet's environment, the distribution itself first."""
        there = installed()
        if name not in there:
            return ()
        mine = self.asked.get(name)
        names = (name, *decided.orphans(name, mine.brought if mine else (), there))
        return tuple(Change(name=there[each].name, before=there[each].version) for each in names)

    def mend(self) -> None:
        """Finish what was interrupted."""
        if intent := unfinished.left(self._home):
            self._progress(f"Finishing what was interrupted: {intent.what}")
            self._carry_out(intent)
        else:
            unfinished.ended(self._home)

    def clean(self) -> None:
        if not unfinished.is_there(self._home):
            shutil.rmtree(self._staged, ignore_errors=True)
        environments.sweep(self._home)

    def _ready_here(self, proposal: Proposal, asked: dict[str, Asked]) -> Intent:
        put = [f"{change.key}=={change.after}" for change in proposal.changes]
        editable = proposal.request.text if proposal.options.editable else ""
        if editable:
            put = [each for each in put if not each.startswith(f"{proposal.wheel.key}==")]
        return Intent(
            what=f"{proposal.wheel.name} {proposal.wheel.version}",
            put=tuple(put),
            editable=editable,
            environments=dict.fromkeys(proposal.ids, ""),
            record={**asked, proposal.wheel.key: self._asked(proposal, asked)},
        )

    def _built_apart(self, proposal: Proposal, asked: dict[str, Asked]) -> Intent:
        new = proposal.environment
        assert new is not None, "proposed so"
        id = min(proposal.manifests)
        self._progress(f"Installing into an environment of its own for '{id}'")
        put = [f"{change.key}=={change.after}" for change in proposal.changes]
        self._drafting.installer(environments.python(new)).put(proposal.request.text, put, self._staged, self._lock)
        requirement = proposal.asked_as or proposal.request.text
        digest = environments.digest(requirement, _versions(new), proposal.wheel.sha256)
        environments.relocate(new, environments.folder(self._home, id) / digest)
        here = installed()
        return Intent(
            what=f"{proposal.wheel.name} {proposal.wheel.version}",
            take=(proposal.wheel.key,) if proposal.wheel.key in here else (),
            environments={id: digest},
            built=new.name,
            record={**asked, proposal.wheel.key: self._asked(proposal, asked, digest)},
        )

    def _asked(self, proposal: Proposal, asked: Mapping[str, Asked], environment: str = "") -> Asked:
        before = asked.get(proposal.wheel.key)
        new = {change.key for change in proposal.changes if not change.before} - {proposal.wheel.key}
        kept = ""
        if proposal.request.kind == "wheel":
            kept = Path(proposal.request.text).name
            (self._home / "plugins" / ".wheels").mkdir(exist_ok=True)
            if Path(proposal.request.text) != self._home / "plugins" / ".wheels" / kept:
                shutil.copy2(proposal.wheel.path, self._home / "plugins" / ".wheels" / kept)
        return Asked(
            requirement=proposal.asked_as or proposal.request.text,
            version=proposal.wheel.version,
            plugins=proposal.ids,
            editable=proposal.options.editable,
            environment=environment,
            wheel=kept,
            brought=() if environment else tuple(sorted({*new, *(before.brought if before else ())})),
        )

    def _carry_out(self, intent: Intent) -> None:
        """May be repeated from its beginning, however far it got before. One that the installer refuses is over.
        Ctrl-C is kept back until all is done."""
        with undisturbed():
            unfinished.begun(self._home, intent)
            try:
                self._take_steps(intent)
            finally:
                unfinished.ended(self._home)

    def _take_steps(self, intent: Intent) -> None:
        installer = self._drafting.installer()
        if intent.put:
            self._progress(f"Installing {intent.what}")
            installer.put(intent.what, intent.put, self._staged, self._lock)
        there = installed()
        if take := [name for name in intent.take if name in there]:
            self._progress(f"Removing {', '.join(take)}")
            installer.take(intent.what, take, self._lock)
            self._refuse_left(take)
        if intent.editable:
            installer.run(intent.what, "install", "--no-deps", "--editable", intent.editable)
        for id, digest in intent.environments.items():
            self._put_in_place(id, digest, intent.built)
        record.write(self._home, intent.record)

    def _refuse_left(self, taken: Sequence[str]) -> None:
        """Installers leave alone what lies outside of their environment, and count that as success."""
        there = installed()
        for name in taken:
            if name in there:
                raise InstallError(
                    name,
                    f"the installer left it where it is, in {there[name].location}, which is not trivet's own environment. "
                    "Remove it with what installed it there.",
                )

    def _put_in_place(self, id: str, digest: str, built: str) -> None:
        place = environments.folder(self._home, id)
        if digest and built and (place / built).exists():
            if (place / digest).exists():
                shutil.rmtree(place / built)
            else:
                (place / built).rename(place / digest)
        environments.switch(self._home, id, digest)


@contextmanager
def open_workshop(home: Path, users: Mapping[str, str], progress: Progress) -> Iterator[Workshop]:
    """Alone with what is installed: one at a time, interrupted work finished first, left-overs gone afterwards.

    `users`: canonical names of the distributions that must go on working (the host, the SDK, enabled plugins) -> how a
    sentence calls them.
    """
    with exclusion.held(home / "plugins" / ".lock", progress) as lock:
        workshop = Workshop(home, users, progress, lock)
        workshop.mend()
        workshop.clean()
        try:
            yield workshop
        finally:
            workshop.clean()


def _versions(environment: Path) -> dict[str, str]:
    return {key: each.version for key, each in installed([environments.site_packages(environment)]).items()}
