"""The figures of the server in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class _Figures(Collector):
    def __init__(self, gauges: Mapping[str, tuple[str, int]], ended: Mapping[str, int]) -> None:
        self._gauges = gauges
        self._ended = ended

    def collect(self) -> Iterator[Metric]:
        for name, (help_text, value) in self._gauges.items():
            yield GaugeMetricFamily(name, help_text, value=value)
        verdicts = CounterMetricFamily(
            "greenlane_jobs_ended", "Jobs that ended, by outcome", labels=["outcome"]
        )
        for outcome, count in self._ended.items():
            verdicts.add_metric([outcome], count)
        yield verdicts


def render(*, queued: int, running: int, lanes: int, ended: Mapping[str, int]) -> bytes:
    """Write the figures as they are now."""
    registry = CollectorRegistry()
    gauges = {
        "greenlane_jobs_queued": ("Jobs that wait", queued),
        "greenlane_jobs_running": ("Jobs that run", running),
        "greenlane_lanes": ("Lanes in which a job waits or runs", lanes),
    }
    registry.register(_Figures(gauges, ended))
    return generate_latest(registry)
