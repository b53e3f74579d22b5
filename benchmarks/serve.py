"""`minsheng serve` under load on 127.0.0.1: the rate that it sustains, then twice that for a minute. What comes back, how soon, and its memory.

python -m benchmarks.serve
python -m benchmarks.serve --seconds 10
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
MONTH = ROOT / "examples/2023-10"
CONNECTIONS = 200  # of the one who sends; more than that are in flight at no time
SCORE = "/v1/schemes/2023/sheets/township/score"


def message(path, body, kind="application/json"):
    """A request as bytes."""
    return f"POST {path} HTTP/1.1\r\nhost: service\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def mix():
    """Ten requests, sent in turn: eight bodies scored and explained, a report checked, a month (invented) assessed whole."""
    figures = [{"figures": {"period": "2023-10", "insured": 500 + 7 * step, "target": "768"}} for step in range(8)]
    row = {"body": "沩山乡", "period": "2023-10", "filed": "2023-11-03", "insured": "11120", "base": 10680}
    parts = [
        f'--rows\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'.encode() + file.read_bytes() + b"\r\n"
        for file in sorted(MONTH.glob("*.csv"))
    ]
    month = b"".join([*parts, b"--rows--\r\n"])
    return [
        *(message(SCORE, json.dumps(one).encode()) for one in figures),
        message("/v1/schemes/2023/validate", json.dumps({"reports": {"resident_pension": [row]}}).encode()),
        message("/v1/schemes/2023/assess", month, "multipart/form-data; boundary=rows"),
    ]


class Sender:
    """Connections that are kept, and what came back on them: statuses, milliseconds of those that were answered, and errors."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.idle, self.free = [], asyncio.Semaphore(CONNECTIONS)
        self.statuses, self.times, self.errors, self.unclean = Counter(), [], [], 0

    async def send(self, request):
        async with self.free:
            began = time.perf_counter()
            try:
                reader, writer = self.idle.pop() if self.idle else await asyncio.open_connection(self.host, self.port)
                writer.write(request)
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
                status, length = int(head[9:12]), int(re.search(rb"content-length: (\d+)", head.lower())[1])
                await asyncio.wait_for(reader.readexactly(length), 60)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.errors.append(repr(error))
                return
            self.statuses[status] += 1
            if status == 200:
                self.times.append((time.perf_counter() - began) * 1000)
            if status == 503 and b"retry-after:" not in head.lower():
                self.unclean += 1
            if b"connection: close" in head.lower():
                writer.close()
            else:
                self.idle.append((reader, writer))

    def close(self):
        for _, writer in self.idle:
            writer.close()


async def sustained(sender, seconds, hands):
    """Answers a second where each of *hands* waits for an answer before it asks again."""
    requests, until, number = mix(), time.monotonic() + seconds, 0

    async def hand():
        nonlocal number
        while time.monotonic() < until:
            number += 1
            await sender.send(requests[number % len(requests)])

    began = time.monotonic()
    await asyncio.gather(*(hand() for _ in range(hands)))
    return sender.statuses[200] / (time.monotonic() - began)


async def overload(sender, seconds, rate, watch):
    """*rate* requests a second, whatever comes back. *watch* is called once a second."""
    requests, began, sent, waiting = mix(), time.monotonic(), 0, set()
    while (passed := time.monotonic() - began) < seconds:
        for _ in range(int(passed * rate) - sent):
            if len(waiting) < 4 * CONNECTIONS:
                task = asyncio.create_task(sender.send(requests[sent % len(requests)]))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            sent += 1
        if watch.due():
            watch.look()
        await asyncio.sleep(0.005)
    await asyncio.gather(*waiting)
    return sent


class Memory:
    """Resident megabytes of a process and those that it started, once a second."""

    def __init__(self, pid):
        self.pid, self.seen, self.last = pid, [], 0.0

    def due(self):
        return time.monotonic() - self.last >= 1

    def look(self):
        self.last = time.monotonic()
        below = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        sizes = [re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()) for pid in (self.pid, *below)]
        self.seen.append(sum(int(size[1]) for size in sizes if size) / 1024)


@contextmanager
def service(workers):
    """(host, port, process id) of one that runs until it is done with."""
    command = [
        sys.executable,
        "-c",
        "from minsheng_core.cli import main; main()",
        "serve",
        "2023",
        "--port",
        "0",
        "--workers",
        str(workers),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        host, port = re.match(r"http://([\d.]+):(\d+)", process.stdout.readline()).groups()
        yield host, int(port), process.pid
    finally:
        process.terminate()
        process.wait(20)


async def measure(host, port, pid, seconds, first):
    """What there is to tell of it, as a dict."""
    warm = Sender(host, port)
    rate = await sustained(warm, first, 4)
    warm.close()
    sender, memory = Sender(host, port), Memory(pid)
    memory.look()
    sent = await overload(sender, seconds, 2 * rate, memory)
    memory.look()
    sender.close()
    times = sorted(sender.times)
    return {
        "sustained": rate, "statuses_before": dict(warm.statuses), "errors": warm.errors + sender.errors, "asked": 2 * rate, "sent": sent,
        "statuses": dict(sender.statuses), "unclean": sender.unclean, "seconds": seconds, "memory": memory.seen,
        "p50": times[len(times) // 2] if times else 0, "p99": times[len(times) * 99 // 100] if times else 0,
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="at twice the rate (default: 60)")
    parser.add_argument("--first", type=int, default=10, help="to find the rate (default: 10)")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    with service(args.workers) as (host, port, pid):
        told = asyncio.run(measure(host, port, pid, args.seconds, args.first))
    memory, statuses = told["memory"], told["statuses"]
    print("| under load | measured |\n|---|---|")
    print(f"| sustained, 4 clients in turn, {args.first} s | {told['sustained']:.0f} answers a second |")
    print(f"| asked for {args.seconds} s | {told['asked']:.0f} requests a second, {told['sent']:,} in all |")
    print(f"| answered (200) | {statuses.get(200, 0):,}, {statuses.get(200, 0) / args.seconds:.0f} a second |")
    print(f"| refused cleanly (503 with Retry-After) | {statuses.get(503, 0):,} |")
    print(
        f"| any other status, error or broken connection | {sum(statuses.values()) - statuses.get(200, 0) - statuses.get(503, 0) + len(told['errors']) + told['unclean']} |"
    )
    print(f"| of those answered, ms | p50 {told['p50']:.0f}, p99 {told['p99']:.0f} |")
    print(
        f"| memory of all its processes, MB | start {memory[0]:.0f}, after a quarter {memory[len(memory) // 4]:.0f}, end {memory[-1]:.0f}, most {max(memory):.0f} |"
    )
    if told["errors"]:
        print(Counter(told["errors"]).most_common(5), file=sys.stderr)


if __name__ == "__main__":
    main()
