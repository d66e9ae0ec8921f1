"""Read the store off the event loop: a few threads, each with a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine

T = TypeVar("T")


class Reader:
    """Runs queries and other blocking reads in a small pool."""

    def __init__(self, engine: Engine, threads: int = 4) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query and give its answer."""
        return await self.run(lambda: self._with_connection(query))

    async def run(self, work: Callable[[], T]) -> T:
        """Run something that blocks: git, a file."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _with_connection(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)
