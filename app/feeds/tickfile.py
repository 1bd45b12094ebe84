"""Recorded ticks: a file as a lazy run of events.

A bad line is counted and kept with its number and reason; it is never dropped in silence, and it
ends the reading only when more than 1 % are bad. As a file is read while it is played, that is
known at its end, or as soon as a bad line makes it so after `LINES_MIN` lines.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import Bar, MarketEvent, Quote, Trade
from app.domain.times import MINUTE_NS, SECOND_NS
from app.feeds.tickheader import parse_header
from app.feeds.ticklines import CutOff, read_lines
from app.feeds.tickrows import IBM_HEADER, CsvRows, IbmRows, Layout, RowParser, parse_symbol
from app.feeds.tickvalues import parse_day

FORMATS: Final = ("ibm", "csv")
LINES_MIN: Final = 1_000
SAMPLE_CHARS: Final = 1 << 20
"""Read at opening, to learn symbols and the interval of bars."""
_TIMES_MAX: Final = 2_000
_TAIL: Final = 256
"""Last lines in which the end of a file is looked for."""
_IBM_NAME: Final = re.compile(r"([A-Za-z][A-Za-z.]*)_(\d{8})(?!\d)")
_LEADING_LETTERS: Final = re.compile(r"[A-Za-z]{1,12}")


class BadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is no tick."""

    number: int
    """As an editor counts: the header is line 1."""
    reason: str


class TickFile:
    """One file of ticks. Each iteration reads it from the start and counts anew."""

    def __init__(self, path: Path, fmt: str, source: _Source, bad_lines_max: int) -> None:
        self.path: Final = path
        self.fmt: Final = fmt
        """One of `FORMATS`."""
        self.symbols: list[Symbol] = list(source.symbols)
        """In order of appearance; grows while reading if a later line names a new one."""
        self._source = source
        self._known = set(source.symbols)
        self._bad_lines_max = bad_lines_max
        self._reset()
        self.start_ns: Final = next((event.ts_recv_ns for event in self), 0)
        """Time of the first event: where a clock starts that is to run through the file."""
        self._reset()

    def _reset(self) -> None:
        self.lines = 0
        """Lines read, without header and blank lines."""
        self.trades = self.quotes = self.bars = 0
        self.bad_count = 0
        self.bad: list[BadLine] = []
        """The first `limits.bad_lines_max` of them."""
        self._cut = ""
        """Where it was cut off, in words; empty if it is whole."""
        self.first_ts: int | None = None
        """UTC nanoseconds; of a bar the time at which it is complete."""
        self.last_ts: int | None = None

    @property
    def notes(self) -> list[str]:
        """What could not be read, in sentences."""
        cut = [self._cut] if self._cut else []
        if not self.bad_count:
            return cut
        more = self.bad_count - len(self.bad)
        return [
            *cut,
            f"{self.bad_count} of {self.lines} lines are bad and were left out:",
            *(f"  line {bad.number}: {bad.reason}" for bad in self.bad),
            *([f"  and {more} more"] if more else []),
        ]

    def __iter__(self) -> Iterator[MarketEvent]:
        """Give the events in order of `ts_recv_ns`.

        Raises:
            BadInput: more than 1 % of the lines are bad, or the file cannot be read to its end.
        """
        events = self._read()
        kinds = self._source.kinds
        return _hold_bars(events) if "bar" in kinds and len(kinds) > 1 else events

    def _read(self) -> Iterator[MarketEvent]:
        self._reset()
        parse = self._source.parser().parse
        number = 0
        for lines in self._pieces():
            for line in lines:
                number += 1
                if number <= self._source.header_line or not line or line.isspace():
                    continue
                self.lines += 1
                try:
                    event = parse(line)
                except ValueError as error:
                    self._count_bad(number, str(error))
                    continue
                self._count(event)
                yield event
        if self.bad_count * 100 > self.lines:
            raise self._too_bad()

    def find_end_ns(self) -> int | None:
        """Return the time of the last event; None if its last lines hold none.

        Goes through the whole file, though not through its values: seconds for a large one.
        """
        tail: deque[str] = deque(maxlen=_TAIL)
        try:
            for lines in read_lines(self.path):
                tail.extend(lines[-_TAIL:])
        except BadInput:
            pass  # The end of what can be read; who plays it hears why.
        parse = self._source.parser().parse
        end_ns = None
        for line in tail:
            try:
                event = parse(line) if line and not line.isspace() else None
            except ValueError:
                continue
            if event is not None:
                end_ns = max(event.ts_recv_ns, end_ns or 0)
        return end_ns

    def _pieces(self) -> Iterator[list[str]]:
        """Give the lines up to the end, or the cut."""
        try:
            yield from read_lines(self.path)
        except CutOff as error:
            self._cut = str(error)

    def _count(self, event: MarketEvent) -> None:
        kind = type(event)
        if kind is Quote:
            self.quotes += 1
        elif kind is Trade:
            self.trades += 1
        else:
            self.bars += 1
        ts_ns = event.ts_recv_ns
        if self.last_ts is None or self.first_ts is None:
            self.first_ts = self.last_ts = ts_ns
        elif ts_ns > self.last_ts:
            self.last_ts = ts_ns  # A held bar is counted before it is complete.
        elif ts_ns < self.first_ts:
            self.first_ts = ts_ns
        if event.symbol not in self._known:
            self._known.add(event.symbol)
            self.symbols.append(event.symbol)

    def _count_bad(self, number: int, reason: str) -> None:
        self.bad_count += 1
        if len(self.bad) < self._bad_lines_max:
            self.bad.append(BadLine(number=number, reason=reason))
        if self.lines >= LINES_MIN and self.bad_count * 100 > self.lines:
            raise self._too_bad()

    def _too_bad(self) -> BadInput:
        first = self.bad[0]
        return BadInput(
            f"{self.path.name}: {self.bad_count:,} of {self.lines:,} lines are bad, the limit is "
            f"1 %; the first is line {first.number:,}: {first.reason}; replay stopped"
        )


class _Source(msgspec.Struct, frozen=True, kw_only=True):
    """How to read one file."""

    symbols: tuple[Symbol, ...]
    kinds: tuple[str, ...]
    header_line: int
    layout: Layout | None = None
    """None for the one-sided sample."""
    day: str = ""
    symbol: Symbol | None = None
    """Of every line; None where a column tells."""
    interval_ns: int = MINUTE_NS

    def parser(self) -> RowParser:
        """Return a parser at the start of the file."""
        if self.layout is None:
            assert self.symbol is not None
            return IbmRows(self.symbol, parse_day(self.day))
        return CsvRows(self.layout, self.symbol, self.interval_ns)


def open_ticks(
    path: Path, fmt: str | None = None, *, symbol: str | None = None, bad_lines_max: int = 100
) -> TickFile:
    """Return a file of ticks, its format found out or as given.

    Formats: "ibm" (one-sided quotes; symbol and day from a name like `IBM_20131008_….csv.gz`) and
    "csv" (trades, quotes, bars, or several with a column `kind`; see `tickheader` for the names of
    columns and `tickvalues.parse_time` for times). Without a symbol column the symbol is the
    argument, or the letters the file's name begins with. Compressed by gzip or not.

    Raises:
        BadInput: unreadable, empty, binary, no lines after the header, or of unknown layout.
    """
    if fmt is not None and fmt not in FORMATS:
        raise BadInput(f'format "{fmt}" is not known; formats are {", ".join(FORMATS)}')
    header_line, header, sample = _sample(path)
    is_ibm = _squeeze(header) == IBM_HEADER
    if fmt == "ibm" and not is_ibm:
        raise BadInput(f'{path.name}: its first line is not the header of the format "ibm"')
    if is_ibm and fmt != "csv":
        source = _ibm_source(path, symbol, header_line)
    else:
        source = _csv_source(path, symbol, (header_line, header), sample)
    return TickFile(path, "ibm" if source.layout is None else "csv", source, bad_lines_max)


def _sample(path: Path) -> tuple[int, str, list[str]]:
    """Return the header's line number, the header, and the first lines after it."""
    sample: list[str] = []
    chars = 0
    try:
        for lines in read_lines(path):
            sample += lines
            chars += sum(map(len, lines))
            if chars >= SAMPLE_CHARS:
                break
    except CutOff:
        pass  # What is there will be played, and the cut said then.
    filled = [(number, line) for number, line in enumerate(sample, 1) if line.strip()]
    if not filled:
        raise BadInput(f"{path.name}: is empty; nothing was replayed")
    if len(filled) == 1:
        raise BadInput(f"{path.name}: has one line and no ticks after it; nothing was replayed")
    return *filled[0], [line for _, line in filled[1:]]


def _ibm_source(path: Path, symbol: str | None, header_line: int) -> _Source:
    match = _IBM_NAME.match(path.name)
    try:
        if match is None:
            raise ValueError("the name has no date")
        parse_day(match[2])
        name = parse_symbol(symbol or match[1])
    except ValueError as error:
        raise BadInput(
            f"{path.name}: lines of this layout have no date ({error}); name the file "
            "SYMBOL_yyyymmdd_….csv, such as IBM_20131008_0930_1000_ticks.csv.gz"
        ) from error
    return _Source(
        symbols=(name,),
        kinds=("trade", "quote"),
        header_line=header_line,
        day=match[2],
        symbol=name,
    )


def _csv_source(
    path: Path, symbol: str | None, header: tuple[int, str], sample: list[str]
) -> _Source:
    try:
        layout = parse_header(header[1])
        name = parse_symbol(symbol) if symbol else None
    except ValueError as error:
        raise BadInput(f"{path.name}: {error}; nothing was replayed") from error
    if name is None and "symbol" not in layout.columns:
        letters = _LEADING_LETTERS.match(path.name)
        if letters is None:
            raise BadInput(
                f"{path.name}: neither a column symbol nor a name that begins with one; "
                "nothing was replayed"
            )
        name = parse_symbol(letters[0])
    return _Source(
        symbols=(name,) if name else _symbols(layout, sample),
        kinds=layout.kinds,
        header_line=header[0],
        layout=layout,
        symbol=name,
        interval_ns=_interval_ns(layout, sample) if "bar" in layout.kinds else MINUTE_NS,
    )


def _symbols(layout: Layout, sample: list[str]) -> tuple[Symbol, ...]:
    symbols: dict[Symbol, None] = {}
    for line in sample:
        try:
            symbols[parse_symbol(layout.split(line)[layout.columns["symbol"]])] = None
        except ValueError:
            continue  # Counted when the line is read.
    return tuple(symbols)


def _interval_ns(layout: Layout, sample: list[str]) -> int:
    """Return the most usual distance of bars in the first lines; a minute if there is none."""
    last: dict[str, int] = {}
    steps: Counter[int] = Counter()
    symbol_at, is_mixed = layout.columns.get("symbol"), len(layout.kinds) > 1
    for line in sample[:_TIMES_MAX]:
        try:
            fields = layout.split(line)
            if is_mixed and layout.kind(fields) != "bar":
                continue
            ts_ns = layout.time_ns(fields)
        except ValueError:
            continue  # Counted when the line is read.
        key = "" if symbol_at is None else fields[symbol_at]
        step_ns = ts_ns - last.get(key, ts_ns)
        last[key] = ts_ns
        if step_ns >= SECOND_NS:
            steps[step_ns] += 1
    if not steps:
        return MINUTE_NS
    usual = max(steps.values())
    return min(step_ns for step_ns, count in steps.items() if count == usual)


def _hold_bars(events: Iterator[MarketEvent]) -> Iterator[MarketEvent]:
    """Hand on events, bars not before they are complete."""
    held: deque[Bar] = deque()
    for event in events:
        row_ns = event.start_ns if isinstance(event, Bar) else event.ts_recv_ns
        while held and held[0].ts_recv_ns <= row_ns:
            yield held.popleft()
        if isinstance(event, Bar):
            held.append(event)
        else:
            yield event
    yield from held


def _squeeze(line: str) -> str:
    return line.replace(" ", "").replace('"', "").lower()
