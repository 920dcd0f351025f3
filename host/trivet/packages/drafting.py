"""From what a user asks for to a proposal: the plugin's wheel is staged and looked into, and resolved. Nothing changes."""

import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
from packaging.requirements import Requirement

from trivet.errors import InstallError
from trivet.packages import changes as decided
from trivet.packages import conflicts, environments
from trivet.packages.changes import Change
from trivet.packages.installed import asking, installed
from trivet.packages.installer import Installer, Progress
from trivet.packages.proposal import Options, Place, Proposal
from trivet.packages.request import Request
from trivet.packages.wheel import WheelContents, manifest_of, read_wheel
from trivet_sdk.manifest import Manifest

CONSTRAINTS = "constraints.txt"
"""In the home: pins of the user's own that hold for everything that is installed."""
ONLY_INPROCESS = ("executors", "journals")


class Drafting:
    """`staged` is the folder for wheels. `users`: canonical names of the distributions that must go on working (the host,
    the SDK, enabled plugins) -> how a sentence calls them."""

    def __init__(self, home: Path, users: Mapping[str, str], progress: Progress, staged: Path) -> None:
        self._home = home
        self._users = dict(users)
        self._progress = progress
        self._staged = staged

    def propose(self, wanted: Request, options: Options) -> Proposal:
        """Fetch the plugin's wheel, look into it, and resolve. Changes nothing. Raises InstallError."""
        shutil.rmtree(self._staged, ignore_errors=True)
        self._staged.mkdir(parents=True)
        wheel = read_wheel(self._wheel(wanted, options))
        if not wheel.plugins:
            raise InstallError(
                wanted.text,
                f"{wheel.name} {wheel.version} is no plugin for trivet: it has no entry point in the group "
                "'trivet.plugins'. Nothing was installed.",
            )
        manifests = {id: manifest_of(wheel, id) for id in wheel.plugins}
        conflicts.refuse_taken(wanted.text, wheel, self._home)
        place = options.place or _place_of(manifests)
        if place == "own":
            return self._proposed_apart(wanted, wheel, manifests, options)
        return self._proposed_here(wanted, wheel, manifests, options)

    def fetch(self, proposal: Proposal) -> Proposal:
        """Stage every wheel that the report names, so that the change itself needs no network, and look into each."""
        staged = {read_wheel(path).key for path in self._staged.glob("*.whl")}
        missing = []
        for item in proposal.report.get("install", ()):
            name, version = item["metadata"]["name"], item["metadata"]["version"]
            if Change(name=name).key not in staged:
                url = item["download_info"]["url"]
                if url.startswith("file:") and url.endswith(".whl"):
                    shutil.copy2(url2pathname(urlsplit(url).path), self._staged)
                    continue
                missing.append(f"{name} @ {url}" if item["is_direct"] else f"{name}=={version}")
        if missing:
            self._progress(f"Fetching {len(missing)} more {'package' if len(missing) == 1 else 'packages'}")
            target = environments.python(proposal.environment) if proposal.environment else None
            self.installer(target).fetch(
                proposal.request.text, missing, self._staged, allow_build=proposal.options.allow_build
            )
        along = self._compared(proposal)
        self._refuse_conflicts(proposal, (proposal.wheel, *along))
        return msgspec.structs.replace(proposal, along=along)

    def _compared(self, proposal: Proposal) -> tuple[WheelContents, ...]:
        """What was fetched must be what was resolved: an index can change its mind in between. The plugin's own is left
        out."""
        along = []
        staged = {
            (contents.key, contents.version): contents for contents in map(read_wheel, self._staged.glob("*.whl"))
        }
        for item in proposal.report.get("install", ()):
            name, version = item["metadata"]["name"], item["metadata"]["version"]
            found = staged.get((Change(name=name).key, version))
            expected = item["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256")
            if found is None or (
                expected and item["download_info"]["url"].endswith(".whl") and found.sha256 != expected
            ):
                raise InstallError(
                    proposal.request.text,
                    f"{name} {version} changed while it was fetched. Nothing was changed; try again.",
                )
            if found.key != proposal.wheel.key:
                along.append(found)
        return tuple(along)

    def _wheel(self, wanted: Request, options: Options) -> Path:
        if wanted.kind == "wheel":
            return Path(shutil.copy2(wanted.text, self._staged))
        self._progress(f"{'Building' if wanted.needs_build else 'Looking for'} {wanted.text}")
        allow = options.allow_build or wanted.needs_build
        return self.installer().wheel(wanted.text, self._staged, allow_build=allow)

    def _proposed_here(
        self, wanted: Request, wheel: WheelContents, manifests: dict[str, Manifest], options: Options
    ) -> Proposal:
        there = installed()
        conflicts.refuse_conflicts(wanted.text, [wheel], Path(sysconfig.get_path("purelib")), self._home)
        self._progress("Resolving")
        report, sizes = self.installer().report(
            wanted.text, [_with_extras(wanted, wheel)], self._staged / "report.json", allow_build=options.allow_build
        )
        sizes = {**sizes, wheel.key: wheel.size}
        changes = decided.reported(report, there, sizes)
        if not any(change.key == wheel.key for change in changes):  # the same version is there: it is put there anew
            again = Change(name=wheel.name, before=there[wheel.key].version, after=wheel.version, size=wheel.size)
            changes = (*changes, again)
        users = {name: label for name, label in self._users.items() if name != wheel.key}
        apart = [id for id in manifests if environments.in_use(self._home, id)]
        return Proposal(
            request=wanted, wheel=wheel, manifests=manifests, place="trivet", report=report, options=options,
            changes=changes, moved=decided.moved(changes, asking(users, there), report, wheel.key),
            leaving=tuple(f"the environment of '{id}' and all in it" for id in apart),
        )  # fmt: skip

    def _proposed_apart(
        self, wanted: Request, wheel: WheelContents, manifests: dict[str, Manifest], options: Options
    ) -> Proposal:
        if options.editable:
            raise InstallError(
                wanted.text,
                "an editable install has no environment of its own; leave out --editable or --isolation venv.",
            )
        if len(manifests) > 1:
            raise InstallError(
                wanted.text,
                f"it brings several plugins ({', '.join(sorted(manifests))}); only a plugin that comes alone can have an "
                "environment of its own.",
            )
        for id, manifest in manifests.items():
            if bound := [kind for kind in ONLY_INPROCESS if getattr(manifest.contributes, kind)]:
                raise InstallError(
                    wanted.text,
                    f"plugin '{id}' brings {' and '.join(bound)}, which work inside trivet's own process only, so it can "
                    "have no environment of its own.",
                )
        conflicts.refuse_conflicts(wanted.text, [wheel], None, self._home)
        self._progress("Making an environment")
        new = environments.begun(self._home, min(manifests))
        there = installed([environments.site_packages(new)])
        pins = self._staged / "sdk.txt"
        pins.write_text(
            "".join(f"{environments.SDK}=={sdk.version}\n" for sdk in (there.get(environments.SDK),) if sdk)
        )
        self._progress("Resolving")
        report, sizes = self.installer(environments.python(new), pins).report(
            wanted.text, [_with_extras(wanted, wheel), environments.SDK], self._staged / "report.json",
            allow_build=options.allow_build,
        )  # fmt: skip
        changes = decided.reported(report, there, {**sizes, wheel.key: wheel.size})
        here = installed().get(wheel.key)
        return Proposal(
            request=wanted, wheel=wheel, manifests=manifests, place="own", report=report, options=options,
            changes=changes, moved=(), environment=new,
            leaving=(f"{here.name} {here.version} in trivet's own environment",) if here else (),
        )  # fmt: skip

    def _refuse_conflicts(self, proposal: Proposal, wheels: Sequence[WheelContents]) -> None:
        site = Path(sysconfig.get_path("purelib")) if proposal.place == "trivet" else None
        conflicts.refuse_conflicts(proposal.request.text, wheels, site, self._home)

    def installer(self, python: Path | None = None, *constraints: Path) -> Installer:
        own = self._home / CONSTRAINTS
        return Installer(
            python or Path(sys.executable), self._progress, [*([own] if own.exists() else []), *constraints]
        )


def _place_of(manifests: Mapping[str, Manifest]) -> Place:
    return "own" if any(manifest.plugin.isolation == "venv" for manifest in manifests.values()) else "trivet"


def _with_extras(wanted: Request, wheel: WheelContents) -> str:
    """The staged wheel as a requirement, with the extras that were asked for."""
    extras = sorted(Requirement(wanted.text).extras) if wanted.kind == "requirement" else []
    return f"{wheel.name}[{','.join(extras)}] @ {wheel.path.as_uri()}" if extras else str(wheel.path)
