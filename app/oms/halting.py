"""What follows on the loop when trading was stopped: the record, the cancels, and arming again.

The flag and the kill switch's thread have acted by then. Here the engine comes after them: HALTED
goes on record, every order that works is canceled on the usual way too, so that the books see each
end, and what the broker did not confirm is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from app.domain.enums import Origin, TradingState
from app.domain.errors import BadInput
from app.domain.events import Notice, TradingStateChanged
from app.domain.times import new_york_text
from app.hub import Hub
from app.oms.engine import OmsEngine
from app.oms.kill import KillSwitch, KillView
from app.risk.gate import Gate
from app.risk.halt import Halt, HaltFlag


class Halting:
    """The loop's side of the kill switch."""

    def __init__(  # noqa: PLR0913  The composition root hands over what it built, once.
        self,
        *,
        engine: OmsEngine,
        gate: Gate,
        flag: HaltFlag,
        switch: KillSwitch,
        hub: Hub,
        origin: Origin,
        spawn: Callable[[str, Coroutine[Any, Any, None]], None],
    ) -> None:
        self._engine = engine
        self.gate: Final = gate
        self._flag = flag
        self._switch = switch
        self._hub = hub
        self._origin = origin
        self._spawn = spawn
        self._recorded: Halt | None = None
        """The halt that the engine was told of."""
        self._seen = KillView()

    @property
    def view(self) -> KillView:
        """How far the kill switch has come."""
        return self._switch.view

    def start(self) -> None:
        """Take up a halt of an earlier run, and follow the switch from now on."""
        halt = self._flag.halt
        if halt is not None and self._switch.view.halt is not halt:
            self._take_up(halt)
        loop = asyncio.get_running_loop()

        def tell() -> None:
            with suppress(RuntimeError):  # The loop is closed: nobody is left to be told.
                loop.call_soon_threadsafe(self._look)

        self._switch.follow(tell)

    def halt(self, reason: str, actor: str) -> None:
        """Let nothing through any more and cancel everything that works."""
        self._switch.trip(reason, actor)

    def arm(self, actor: str) -> None:
        """Let orders through again, once that is on record.

        Raises:
            BadInput: the kill switch is still at work, or the account is latched.
        """
        view = self._switch.view
        if view.is_under_way:
            raise BadInput(f"the kill switch is still at work: {view.text}; trading stays HALTED")
        halt = self._flag.halt
        self._engine.set_state(TradingState.ACTIVE, "armed by hand", actor=actor)
        if halt is not None:
            self._spawn("arm", self._lift(halt))

    async def _lift(self, halt: Halt) -> None:
        """Take the flag away after the arming is on record, unless another halt came."""
        await self._engine.drained()
        if not self._flag.clear(halt):
            return
        self._hub.publish(TradingStateChanged(state=self.gate.state, reason=self.gate.state_reason))
        try:
            await asyncio.to_thread(self._flag.keep)
        except OSError as error:
            text = f"trading is armed; the next start is HALTED: {error}"
            self._hub.publish(Notice(text=text, is_warning=True))

    def _take_up(self, halt: Halt) -> None:
        """Put a halt on record that a crash, a full disk or a verb left in the flag alone."""
        self._recorded = halt
        self._engine.set_state(TradingState.HALTED, halt.reason, actor=halt.actor)
        when = f" since {new_york_text(halt.ts_ns)}" if halt.ts_ns else ""
        text = f"trading is HALTED{when} by {halt.actor}: {halt.reason}"
        self._hub.publish(Notice(text=text, is_warning=True))
        # Nothing of this station was let through since: what still works was to be canceled then.
        # An order from elsewhere may be there to protect what is held.
        for order in self._engine.blotter.working():
            if order.origin is not Origin.EXTERNAL:
                self._engine.cancel(order.cl_ord_id, origin=self._origin, actor=halt.actor)

    def _look(self) -> None:
        """Do and say what the switch's view now calls for, once."""
        view, seen = self._switch.view, self._seen
        self._seen = view
        halt = view.halt
        assert halt is not None, view
        if halt is not self._recorded:
            self._recorded = halt
            self._engine.set_state(TradingState.HALTED, halt.reason, actor=halt.actor)
            self._engine.cancel_all(origin=self._origin, actor=halt.actor)
        if view.file_error and not seen.file_error:
            self._say(view.file_error)
        if view.done_ns and view.done_ns != seen.done_ns:
            self._say(f"kill switch: {view.text}", is_warning=not view.is_confirmed)
        elif view.rounds and view.open_ids != () and view.open_ids != seen.open_ids:
            self._say(f"kill switch: {view.text}; asked again")

    def _say(self, text: str, *, is_warning: bool = True) -> None:
        self._hub.publish(Notice(text=text, is_warning=is_warning))
