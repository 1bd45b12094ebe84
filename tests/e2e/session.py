"""A whole session on Qt's loop, as in the window, that plays a story."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
from PySide6.QtWidgets import QApplication

from app.audit.reader import read_records
from app.audit.records import TradingStateSet
from app.desk import Desk
from app.domain.enums import Origin, TradingState
from app.paths import Paths
from app.session import Plan, Session, paper_plan
from app.tasks import spawn
from tests.loose import loose
from widgets.qtloop import QtLoop

Story = Callable[[Desk], Awaitable[None]]


class Station:
    """A session on Qt's loop, as in the window."""

    def __init__(self, app: QApplication, paths: Paths) -> None:
        self._app = app
        self.paths = paths
        self.session: Session | None = None

    def plan(self) -> Plan:
        plan = paper_plan(self.paths, origin=Origin.MANUAL)
        return msgspec.structs.replace(plan, config=loose(plan.config))

    def run(self, story: Story, plan: Plan | None = None) -> None:
        """Play a story, and stop as a person does."""
        with QtLoop(self._app) as loop:
            loop.run_until_complete(self._run(story, plan or self.plan()))

    async def _run(self, story: Story, plan: Plan) -> None:
        self.session = session = Session(plan)

        async def play(desk: Desk) -> None:
            try:
                async with asyncio.timeout(60):
                    await story(desk)
            finally:
                desk.request_stop()

        async with asyncio.TaskGroup() as group:
            await session.run(lambda desk: spawn(group, "story", play(desk)) and None)

    async def settle(self) -> None:
        """Wait until the order path has nothing in hand."""
        assert self.session is not None
        assert self.session.engine is not None
        await self.session.engine.settle()

    def recorded(self) -> list[TradingState]:
        """Return each trading state on record."""
        records = [record for _, record in read_records(self.paths.journal)]
        return [record.state for record in records if isinstance(record, TradingStateSet)]


async def until(is_true: Callable[[], object]) -> None:
    while not is_true():
        await asyncio.sleep(0.01)
