"""The composition root: every part of the server is made and joined here, and nowhere else."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from starlette.applications import Starlette

from greenlane.config.catalogue import LivingCatalogue
from greenlane.config.expand import server_base
from greenlane.config.locations import Locations
from greenlane.config.server import ServerSettings
from greenlane.model.job import RunId
from greenlane.model.run import RunResult
from greenlane.notify.hub import Hub
from greenlane.notify.webhook import Webhooks
from greenlane.place.local import LocalPlace
from greenlane.server.api.app import build_app
from greenlane.server.coordinator import Coordinator, Limits
from greenlane.server.launch import Launcher
from greenlane.server.operations.jobs import Jobs
from greenlane.server.operations.logs import Logs
from greenlane.server.operations.overview import Overview
from greenlane.server.operations.projects import Projects
from greenlane.server.operations.reruns import Reruns
from greenlane.server.operations.submissions import Submissions
from greenlane.server.reader import Reader
from greenlane.server.retention import Retention
from greenlane.server.runfiles import RunFiles
from greenlane.server.services import Services
from greenlane.snapshot.repositories import Repositories
from greenlane.store.database import open_database

MEGABYTE = 1_000_000


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a server that have a life of their own."""

    app: Starlette
    coordinator: Coordinator
    place: LocalPlace
    reader: Reader
    hub: Hub
    webhooks: Webhooks
    retention: Retention


def build(locations: Locations, settings: ServerSettings, loop: asyncio.AbstractEventLoop) -> Parts:
    """Make the server's parts. The caller holds the instance's lock; nothing runs yet."""
    engine = open_database(f"sqlite:///{locations.database}")
    Path(locations.database).chmod(0o600)
    hub, webhooks = Hub(loop), Webhooks()
    files = RunFiles(Path(locations.runs))
    reader = Reader(engine)
    repositories = Repositories(Path(locations.repositories))
    catalogue = LivingCatalogue(locations.presets)
    coordinator, place = _join(engine, locations, settings, files, hub, webhooks)
    projects = Projects(
        reader=reader,
        coordinator=coordinator,
        repositories=repositories,
        catalogue=catalogue,
        settings=settings,
    )
    services = Services(
        projects=projects,
        submissions=Submissions(
            reader=reader,
            coordinator=coordinator,
            repositories=repositories,
            catalogue=catalogue,
            settings=settings,
            projects=projects,
            reruns=Reruns(reader=reader, files=files),
        ),
        jobs=Jobs(
            reader=reader,
            coordinator=coordinator,
            hub=hub,
            files=files,
            queue_limit=settings.max_queued,
        ),
        logs=Logs(reader=reader, hub=hub, files=files),
        overview=Overview(
            reader=reader, coordinator=coordinator, hub=hub, state_dir=Path(locations.state_dir)
        ),
    )
    return Parts(
        app=build_app(services),
        coordinator=coordinator,
        place=place,
        reader=reader,
        hub=hub,
        webhooks=webhooks,
        retention=Retention(
            engine=engine,
            repositories=repositories,
            runs_dir=Path(locations.runs),
            days=settings.retention_days,
            latest_runs=settings.keep_runs,
        ),
    )


def _join(
    engine: Engine,
    locations: Locations,
    settings: ServerSettings,
    files: RunFiles,
    hub: Hub,
    webhooks: Webhooks,
) -> tuple[Coordinator, LocalPlace]:
    """Join the coordinator and the place, each of which calls the other."""

    def on_end(run: RunId, result: RunResult | None) -> None:
        coordinator.end_run(run, result)

    place = LocalPlace(Path(locations.runs), on_end)
    coordinator = Coordinator(
        engine=engine,
        place=place,
        launcher=Launcher(locations, settings.log_limit_mb * MEGABYTE, server_base(os.environ)),
        files=files,
        limits=Limits(
            places=settings.parallel_runs(os.cpu_count() or 1),
            queued=settings.max_queued,
            attempts=settings.max_attempts,
        ),
        publish=hub.publish,
        send_webhook=webhooks.send,
    )
    return coordinator, place
