"""Timing: interleaved rounds, the median of each, CPU seconds beside wall; and the tables that say so."""

import os
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence


def interleaved(rounds: int, tried: Mapping[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """(CPU seconds, wall seconds) of each, the medians of *rounds* rounds in which all take their turn, after one to warm up."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in tried}
    for turn in range(rounds + 1):
        for name, run in tried.items():
            cpu, wall = time.process_time(), time.perf_counter()
            run()
            if turn:
                found[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    return {name: (median([cpu for cpu, _ in times]), median([wall for _, wall in times])) for name, times in found.items()}


def each(rows: Sequence[object], run: Callable[[object], object]) -> float:
    """The median time of one call in microseconds, the clock's own cost taken off."""
    times = []
    for row in rows:
        before = time.perf_counter_ns()
        run(row)
        times.append(time.perf_counter_ns() - before)
    return (median(times) - _clock()) / 1000


def _clock() -> float:
    times = []
    for _ in range(2000):
        before = time.perf_counter_ns()
        times.append(time.perf_counter_ns() - before)
    return median(times)


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def children() -> float:
    """CPU seconds of the processes that this one started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def peak() -> int:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def machine() -> str:
    """What this is measured on, without a name."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        models = {line.partition(":")[2].strip() for line in file if line.startswith("model name")}
    return f"{os.cpu_count()} cores, {'; '.join(sorted(models)) or 'unknown processor'}, load {os.getloadavg()[0]:.1f}"


def show(rows: Iterable[tuple[str, ...]]) -> None:
    """A Markdown table, each row as soon as it is known; the first is the head."""
    for index, row in enumerate(rows):
        print(f"| {' | '.join(row)} |", flush=True)
        if index == 0:
            print("|" + "---|" * len(row))
    print()
