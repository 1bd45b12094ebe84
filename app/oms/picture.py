"""What is known at a moment: the account's figures, and the picture that decides an order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Protocol

import msgspec

from app.calendar import Calendar
from app.clock import Clock
from app.config import AccountConfig
from app.domain.decision import Funds, Picture
from app.domain.enums import FeedState, MarginRegime, OrdType, Phase, Side, TradingState
from app.domain.ids import Symbol
from app.domain.orders import Order
from app.domain.terms import ZERO, NewOrder
from app.domain.times import MINUTE_NS
from app.market.store import MarketView
from app.oms.books import Books
from app.oms.health import Health
from app.oms.standing import Appraisal, Appraiser, open_value
from app.portfolio.valuation import AccountFigures, account_of
from app.risk.exposure import RiskInput


class TradingStates(Protocol):
    """What is let through."""

    def state_of(self, symbol: Symbol) -> TradingState:
        """Return the trading state that holds for a symbol."""
        ...


class _Day(msgspec.Struct, frozen=True, kw_only=True):
    """What the calendar says of a minute."""

    minute: int
    phase: Phase
    start_ns: int
    """Of its trading day."""
    week: date
    """Monday of its trading week."""
    regime: MarginRegime


class Pictures:
    """Makes pictures from books and market; holds nothing but the reservations of a batch."""

    def __init__(  # noqa: PLR0913  What a decision looks at, handed over once by the engine.
        self,
        *,
        books: Books,
        market: MarketView,
        clock: Clock,
        account: AccountConfig,
        health: Health,
        calendar: Calendar,
    ) -> None:
        self._books: Final = books
        self._market: Final = market
        self._clock: Final = clock
        self._account: Final = account
        self._health: Final = health
        self._calendar: Final = calendar
        self._appraiser: Final = Appraiser(books, market, clock)
        self._today: _Day | None = None
        self.reserved: Final[list[NewOrder]] = []
        """Passed and not yet in the blotter: they count, so that no room is used twice."""

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        mark = self._appraiser.mark(symbol)
        return None if mark is None else mark.px

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        return self._figures(self._appraisals().values())

    def account_input(self, states: TradingStates) -> RiskInput:
        """Return the account with its largest symbol, for rules that need no order."""
        appraisals = self._appraisals()
        symbol = max(
            appraisals, key=lambda each: appraisals[each].worth.gross or ZERO, default=Symbol("")
        )
        nothing = NewOrder(symbol=symbol, side=Side.BUY, order_qty=ZERO, ord_type=OrdType.MARKET)
        return RiskInput(
            order=nothing,
            instrument=self._market.instrument(symbol),
            picture=self.picture(nothing, states),
        )

    def picture(
        self,
        order: NewOrder,
        states: TradingStates,
        *,
        without: Order | None = None,
        family_qty: Decimal | None = None,
    ) -> Picture:
        """Return what is known now of the order's symbol and of the account.

        Args:
            order: the terms to be decided.
            states: what is let through of which symbol.
            without: the order that these terms are to replace; it is not counted.
            family_qty: of a child: the most it may come to.
        """
        symbol, now_ns, health = order.symbol, self._clock.now_ns(), self._health
        quote, market = self._market.quote(symbol), self._market
        appraisals = self._appraisals(symbol, without)
        own = appraisals[symbol]
        figures = self._figures(appraisals.values())
        position, standing = own.exposure.position, own.standing
        return Picture(
            ts_ns=now_ns,
            trading_state=states.state_of(symbol),
            bid=quote.bid if quote else None,
            bid_size=quote.bid_size if quote else 0,
            ask=quote.ask if quote else None,
            ask_size=quote.ask_size if quote else 0,
            last_px=market.last_px(symbol),
            feed_age_ns=market.feed_age_ns,
            position_qty=position.qty,
            working_buy_qty=standing.buy_qty,
            working_sell_qty=standing.sell_qty,
            equity=figures.equity,
            gross_exposure=figures.gross_exposure,
            symbol_exposure=own.worth.gross,
            in_doubt=standing.in_doubt,
            replaced_qty=ZERO if without is None else without.leaves_qty,
            replaced_px=None if without is None else without.terms.limit_px,
            phase=self._day(now_ns).phase,
            quote_age_ns=None if quote is None else max(0, now_ns - quote.ts_recv_ns),
            is_feed_live=market.status.state is FeedState.LIVE,
            halt=market.halt(symbol),
            is_short_restricted=market.is_short_restricted(symbol),
            station_fault=health.station,
            unreconciled=health.unreconciled,
            venue_fault=health.venue,
            loop_lag_ns=health.loop_lag_ns,
            open_orders=sum([each.standing.orders for each in appraisals.values()]),
            symbols_held=sum([bool(a.exposure.position.qty) for a in appraisals.values()]),
            group_exposure=self._group_exposure(symbol, appraisals),
            own_bid=standing.own_bid,
            own_ask=standing.own_ask,
            has_own_market=standing.has_market,
            family_qty=family_qty,
            funds=self._funds(figures, appraisals.values(), now_ns),
            traffic=self._books.traffic.picture(
                order,
                now_ns,
                batch=self.reserved,
                replaced=None if without is None else without.cl_ord_id,
            ),
        )

    def _appraisals(
        self, symbol: Symbol | None = None, without: Order | None = None
    ) -> dict[Symbol, Appraisal]:
        """Return what every symbol stands at that is, or could come to be, held; a symbol more.

        Orders of this batch count on top, and one that is to be replaced does not.
        """
        found = self._appraiser.all()
        changed = {terms.symbol for terms in self.reserved}
        if without is not None:
            changed.add(without.symbol)
        for each in changed:
            more = [terms for terms in self.reserved if terms.symbol == each]
            found[each] = self._appraiser.appraise_with(each, more, without)
        if symbol is not None and symbol not in found:
            found[symbol] = self._appraiser.appraise(symbol, self._clock.now_ns())
        return found

    def _figures(self, appraisals: Iterable[Appraisal]) -> AccountFigures:
        return account_of(
            [appraisal.worth for appraisal in appraisals],
            cash=self._books.ledger.cash,
            leverage_gross_max=self._account.leverage_max,
        )

    def _funds(
        self, figures: AccountFigures, appraisals: Iterable[Appraisal], now_ns: int
    ) -> Funds:
        view, today = self._books.ledger.view, self._day(now_ns)
        settled = None
        if today.regime is MarginRegime.CASH:
            settled = figures.cash - self._books.unsettled.amount(today.start_ns)
        return Funds(
            regime=today.regime,
            settled_cash=settled,
            buying_power=figures.buying_power,
            net_exposure=figures.net_exposure,
            open_value=open_value(appraisals),
            day_equity=None if view.day is None else view.day.equity + view.day_deposits,
            peak_equity=self._books.peak_equity(today.week),
        )

    def _day(self, now_ns: int) -> _Day:
        """Return what a moment belongs to; every phase begins with a minute."""
        minute = now_ns // MINUTE_NS
        if self._today is None or self._today.minute != minute:
            day = self._calendar.trading_day(now_ns)
            self._today = _Day(
                minute=minute,
                phase=self._calendar.phase(now_ns),
                start_ns=self._calendar.day_start_ns(day),
                week=day - timedelta(days=day.weekday()),
                regime=self._account.regime_on(day),
            )
        return self._today

    @staticmethod
    def _group_exposure(symbol: Symbol, appraisals: dict[Symbol, Appraisal]) -> Decimal | None:
        group = appraisals[symbol].group
        if not group:
            return ZERO
        gross = [each.worth.gross for each in appraisals.values() if each.group == group]
        known = [figure for figure in gross if figure is not None]
        return sum(known, ZERO) if len(known) == len(gross) else None
