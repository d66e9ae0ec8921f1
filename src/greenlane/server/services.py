"""All operations, bundled: what every face of the server is built on."""

from __future__ import annotations

import msgspec

from greenlane.server.operations.jobs import Jobs
from greenlane.server.operations.logs import Logs
from greenlane.server.operations.overview import Overview
from greenlane.server.operations.projects import Projects
from greenlane.server.operations.submissions import Submissions


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """The operations of the server."""

    projects: Projects
    submissions: Submissions
    jobs: Jobs
    logs: Logs
    overview: Overview
