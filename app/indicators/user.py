"""A person's own studies: Python files in a folder, loaded on consent, loaded again when saved.

Such a file runs with the person's own rights: it can read every file and use the network as they
can. So none is run before they have agreed to its very text, which is kept by its SHA-256; a file
that has changed asks again, unless they agreed to load it again whenever it is saved.

A file gives `INDICATOR = IndicatorSpec(...)` as the files of this package do, with a `rule`, or
with `arrays` over numpy. Its name becomes `own.` and that of the file. Nothing it does while it is
loaded is fatal: what it raises becomes a sentence with the line. A file that does not end its work
within `LOAD_S` is given up.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from app.domain.errors import BadInput
from app.files import replace_file
from app.indicators.base import Category, IndicatorSpec
from app.indicators.guard import faults_of

VERSION: Final = 1
FILES_MAX: Final = 100
BYTES_MAX: Final = 1_000_000
"""Of one file."""
LOAD_S: Final = 2.0
CONSENT_FILE: Final = "consent.json"


class FileState(StrEnum):
    """How it stands with a file."""

    OFFERED = "offered"
    """Nobody has agreed to run it."""
    CHANGED = "changed"
    """It is another than the one that was agreed to."""
    LOADED = "loaded"
    FAILED = "failed"


class UserFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the folder."""

    name: str
    """Without `.py`."""
    path: str
    sha256: str
    state: FileState
    words: str = ""
    """What went wrong, in a sentence."""
    line: int = 0
    """Of the file, where it went wrong; 0: none."""
    spec: IndicatorSpec | None = None


class _Consent(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    reloads: bool = False


class _Consents(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    files: dict[str, _Consent] = {}


class UserStudies:
    """The files of one folder; looked at when `poll` is called."""

    def __init__(self, folder: Path) -> None:
        """Read what was agreed to; no file is run yet.

        Args:
            folder: need not be there.
        """
        self.folder: Final = folder
        self.notice = ""
        """What there is to say about what was agreed to, in a sentence; empty if all is well."""
        self.version = 0
        """A number that grows with every change."""
        self._files: dict[str, UserFile] = {}
        self._stamps: dict[str, tuple[int, int]] = {}
        """Name -> time of the last change and size, as last seen."""
        self._consents = self._read()

    @property
    def files(self) -> tuple[UserFile, ...]:
        """Those there are, by the alphabet."""
        return tuple(self._files[name] for name in sorted(self._files))

    def specs(self) -> Mapping[str, IndicatorSpec]:
        """Return the studies that are loaded, by their names."""
        loaded = (file.spec for file in self.files)
        return {spec.name: spec for spec in loaded if spec is not None}

    def poll(self) -> bool:
        """Look at the folder; load what was agreed to. Return whether something has changed."""
        found = self._found()
        before = self.version
        for name in set(self._files) - set(found):
            del self._files[name], self._stamps[name]
            self.version += 1
        for name, (path, stamp) in found.items():
            if self._stamps.get(name) != stamp:
                self._stamps[name] = stamp
                self._take(name, path)
        return self.version != before

    def agree(self, name: str, *, reloads: bool) -> UserFile:
        """Run a file from now on; return what became of it.

        Args:
            name: of the file.
            reloads: whether to run it again whenever it is saved, whatever is in it then.

        Raises:
            BadInput: there is no such file, or what was agreed to cannot be kept.
        """
        file = self._files.get(name)
        if file is None:
            raise BadInput(f"there is no file '{name}.py' in {self.folder}; nothing is loaded")
        consent = _Consent(sha256=file.sha256, reloads=reloads)
        self._write({**self._consents, name: consent})
        self._take(name, Path(file.path))
        return self._files[name]

    def withdraw(self, name: str) -> None:
        """Run a file no more; what it did already stays done.

        Raises:
            BadInput: that cannot be kept.
        """
        self._write({key: value for key, value in self._consents.items() if key != name})
        file = self._files.get(name)
        if file is not None:
            self._take(name, Path(file.path))

    def _found(self) -> dict[str, tuple[Path, tuple[int, int]]]:
        """Return the first so many files with when they changed and how long they are."""
        found: dict[str, tuple[Path, tuple[int, int]]] = {}
        try:
            paths = sorted(self.folder.glob("*.py"))[:FILES_MAX]
            for path in paths:
                status = path.stat()
                found[path.stem] = path, (status.st_mtime_ns, status.st_size)
        except OSError:
            return found  # It went away meanwhile; the next look sees.
        return found

    def _take(self, name: str, path: Path) -> None:
        self.version += 1
        try:
            size = path.stat().st_size
            if size > BYTES_MAX:
                raise BadInput(f"it has {size:,} bytes, may have {BYTES_MAX:,}")
            data = path.read_bytes()
        except (OSError, BadInput) as error:
            words = f"{path.name} is not loaded: {error}"
            self._files[name] = UserFile(
                name=name, path=str(path), sha256="", state=FileState.FAILED, words=words
            )
            return
        sha256 = hashlib.sha256(data).hexdigest()
        consent = self._consents.get(name)
        state = FileState.LOADED
        if consent is None:
            state = FileState.OFFERED
        elif consent.sha256 != sha256 and not consent.reloads:
            state = FileState.CHANGED
        file = UserFile(name=name, path=str(path), sha256=sha256, state=state)
        self._files[name] = _loaded(file, data) if state is FileState.LOADED else file

    def _read(self) -> dict[str, _Consent]:
        path = self.folder / CONSENT_FILE
        try:
            kept = msgspec.json.decode(path.read_bytes(), type=_Consents)
            if kept.version != VERSION:
                raise ValueError(f"its version was {kept.version}, must be {VERSION}")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            self.notice = f"own studies have to be agreed to again: {path.name} is broken ({error})"
            return {}
        return kept.files

    def _write(self, consents: dict[str, _Consent]) -> None:
        path = self.folder / CONSENT_FILE
        try:
            replace_file(path, msgspec.json.encode(_Consents(files=consents)))
        except OSError as error:
            raise BadInput(f"what was agreed to is not kept: {error}; nothing changed") from error
        self._consents = consents


def _loaded(file: UserFile, data: bytes) -> UserFile:
    """Run a file; return it with its study, or with what went wrong."""
    module = types.ModuleType(f"own_study_{file.name}")
    module.__file__ = file.path
    found: list[IndicatorSpec] = []

    def run() -> None:
        exec(compile(data, file.path, "exec"), module.__dict__)  # noqa: S102  It was agreed to.
        found.append(_spec_of(module, file.name))

    words, line = faults_of(run, file.path, LOAD_S)
    if words:
        return msgspec.structs.replace(file, state=FileState.FAILED, words=words, line=line)
    return msgspec.structs.replace(file, spec=found[0])


def _spec_of(module: types.ModuleType, name: str) -> IndicatorSpec:
    spec = getattr(module, "INDICATOR", None)
    if not isinstance(spec, IndicatorSpec):
        raise BadInput("it has no INDICATOR = IndicatorSpec(...)")
    if (spec.rule is None) == (spec.arrays is None):
        raise BadInput("its INDICATOR must have a rule or arrays, one of both")
    spec = msgspec.structs.replace(spec, name=f"own.{name}", category=Category.OWN)
    spec.label(spec.params())
    return spec
