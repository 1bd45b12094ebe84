"""All symbols of the built-in exchange in order of time, leaving as frames of bytes."""

from __future__ import annotations

import heapq
from typing import Final

from app.config import ExchangeConfig
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.market import Bar
from app.exchange.factors import Factor
from app.exchange.history import minute_bars, shared_moves
from app.exchange.listings import LISTINGS, Listing
from app.exchange.tape import Tape
from app.exchange.wire import PrintMessage, QuoteMessage, encode_frame

FRAME_MESSAGES_MAX: Final = 50
"""Messages of one frame; what is more goes into the next."""
_MARKET_VOL_DAY_PCT: Final = 0.8
_SECTOR_VOL_DAY_PCT: Final = 0.5


class Exchange:
    """A seeded market whose session is always open. Time is what the caller says it is."""

    def __init__(
        self,
        config: ExchangeConfig,
        start_ns: int,
        listings: tuple[Listing, ...] = LISTINGS,
    ) -> None:
        self._config = config
        self._start_ns = start_ns
        self._listings = {listing.symbol: listing for listing in listings}
        seed = config.seed
        self._market = Factor(f"{seed}:market", _MARKET_VOL_DAY_PCT, start_ns)
        self._sectors = {
            listing.sector: Factor(f"{seed}:{listing.sector}", _SECTOR_VOL_DAY_PCT, start_ns)
            for listing in listings
        }
        self._tapes = [
            Tape(
                listing,
                config,
                market=self._market,
                sector=self._sectors[listing.sector],
                now_ns=start_ns,
            )
            for listing in listings
        ]
        self._queue = [(tape.next_ns, i) for i, tape in enumerate(self._tapes)]
        self._shared_moves: dict[str, tuple[float, ...]] = {}
        self.now_ns = start_ns
        """Everything up to here has been sent."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What is listed, the most usual first."""
        return tuple(listing.instrument for listing in self._listings.values())

    def history(self, symbol: Symbol) -> tuple[list[Bar], float] | None:
        """Return the minute bars before the start, oldest first, and the close before them."""
        listing = self._listings.get(symbol)
        if listing is None:
            return None
        return minute_bars(
            listing,
            self._config,
            market=self._moves("market", _MARKET_VOL_DAY_PCT),
            sector=self._moves(listing.sector, _SECTOR_VOL_DAY_PCT),
            start_ns=self._start_ns,
        )

    def frames(self, until_ns: int, messages_max: int) -> list[bytes]:
        """Return the frames due up to and including a time, oldest first.

        Stops early at about `messages_max` messages; `now_ns` then says how far it came, and the
        next call goes on from there.
        """
        messages: list[QuoteMessage | PrintMessage] = []
        queue, tapes = self._queue, self._tapes
        while queue[0][0] <= until_ns:
            if len(messages) >= messages_max:
                break
            self.now_ns, index = queue[0]
            tape = tapes[index]
            messages += tape.speak()
            heapq.heapreplace(queue, (tape.next_ns, index))
        else:
            self.now_ns = max(self.now_ns, until_ns)
        return [
            encode_frame(messages[i : i + FRAME_MESSAGES_MAX])
            for i in range(0, len(messages), FRAME_MESSAGES_MAX)
        ]

    def skip_to(self, now_ns: int) -> None:
        """Go to a time, forward or back, without saying what happened between.

        Each symbol's next word is a quote at that time.
        """
        for factor in (self._market, *self._sectors.values()):
            factor.skip_to(now_ns)
        for tape in self._tapes:
            tape.skip_to(now_ns)
        self._queue = [(now_ns, i) for i in range(len(self._tapes))]
        self.now_ns = now_ns

    def _moves(self, key: str, vol_day_pct: float) -> tuple[float, ...]:
        moves = self._shared_moves.get(key)
        if moves is None:
            seed = f"{self._config.seed}:{key}:history"
            moves = self._shared_moves[key] = shared_moves(seed, vol_day_pct)
        return moves
