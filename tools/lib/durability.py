"""Measures what it costs that nothing is lost; see tools/durability."""

import base64
import json
import os
import socket
import statistics
import subprocess
import time

from measuring import *

# Touches PAGES pages, and then changes them at random for ever.
DIRTY = (
    """(module (memory {chunks})
  (func (export "_start") (local $i i32) (local $s i64)
    (local.set $s (i64.const 88172645463325252))
    (loop $touch
      (i64.store (local.get $i) (i64.const 1))
      (br_if $touch (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const {bytes}))))
"""
    + STORES)


def dirty(name, pages, work):
    return module(name, DIRTY.format(chunks=-(-pages // 16), bytes=pages * 4096, pages=pages, work=work))


def answer(path, *words):
    return json.loads(keyvm(*words, "-w", path, "--json"))


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def freeze():
    """The world stands still while a freeze is taken: with 1,000 and with 200,000 dirty pages, of a process that runs."""
    for pages, times in (1_000, 200), (200_000, 40):
        path = world(f"freeze-{pages}")
        keyvm("run", "-w", path, "--name", "dirty", dirty(f"dirty-{pages}", pages, 1))
        pid = boot(path, "--every", "1h")
        keyvm("checkpoint", "create", "-w", path)
        found, dirtied = [], []
        while len(found) < times:
            while answer(path, "status")["checkpoint"]["dirtyPages"] < pages * 0.98:
                time.sleep(0.02)
            made = answer(path, "checkpoint", "create")
            found.append(made["freezeMicroseconds"])
            dirtied.append(made["dirtyPages"])
        print(
            f"freeze with {statistics.median(dirtied):.0f} dirty pages: p50 {quantile(found, 0.5):.0f} us, "
            f"p99 {quantile(found, 0.99):.0f} us, of {times}", flush=True)
        hold(f"freeze with {pages} dirty pages, p99 under 1 ms", quantile(found, 0.99) < 1000)
        halt(path, pid)


PACE = 6_500


def paced(work):
    """A world with a process of 256 MiB, and the pages that it dirties in a second of its own, by so much work between two."""
    path = world(f"slowdown-{work}")
    keyvm("run", "-w", path, "--name", "dirty", dirty(f"paced-{work}", 65_536, work))
    pid = boot(path, "--every", "1s")
    time.sleep(6)
    pages = dirtied(path)[-3:]
    halt(path, pid)
    return path, statistics.median(pages)


def dirtied(path):
    """The pages that were dirty at each checkpoint but the last, which may be of a halt."""
    items = sorted(answer(path, "checkpoint", "ls")["items"], key=lambda item: item["id"])
    return [item["dirtyPages"] for item in items[:-1]]


def slowdown():
    """A process of 256 MiB that dirties about 6,500 pages a second, with a checkpoint every second and with none."""
    work = 2_400
    path, pace = paced(work)
    for _ in range(4):
        if abs(pace / PACE - 1) < 0.05:
            break
        work = int(work * pace / PACE)
        path, pace = paced(work)
    found = {"1s": [], "1h": []}
    pages = []
    for _ in range(5):
        for every in found:
            pid = boot(path, "--every", every)
            time.sleep(2)
            begin, clock = time.perf_counter(), answer(path, "status")["gasClock"]
            time.sleep(8)
            end, moved = time.perf_counter(), answer(path, "status")["gasClock"] - clock
            found[every].append((end - begin) / moved)
            if every == "1s":
                pages += dirtied(path)[-4:]
            halt(path, pid)
    print(f"pages that were dirty at a checkpoint each second: {statistics.median(pages):.0f}, by {work} steps between two")
    hold("about 6,500 pages a second", abs(statistics.median(pages) / PACE - 1) < 0.15)
    show(
        "256 MiB, seconds for 1,000,000,000 gas", statistics.median(found["1h"]) * 1e9, statistics.median(found["1s"]) * 1e9,
        "no checkpoints", "one a second", 1.1)


def replay():
    """What a killed world takes to come where it was, beside what it took the first time."""
    # A processor is not as fast at one time as at another: many short pairs, and the one in the middle. Two hundredths are noise.
    both = sorted((replayed(f"replay-{number}") for number in range(9)), key=lambda pair: pair[1] / pair[0])
    first, again = both[len(both) // 2]
    show("replay, the median pair", first, again, "first run", "replay", 1.02)


def replayed(name):
    """The seconds in which a world got to where it was killed, and those in which it came there again."""
    path = world(name)
    for process, file in (("near", dirty("near", 4_096, 40)), ("far", dirty("far", 16_384, 400))):
        keyvm("run", "-w", path, "--name", process, file)
    pid = boot(path, "--every", "1h")
    begin, clock = time.perf_counter(), answer(path, "status")["gasClock"]
    for number in range(6):
        time.sleep(0.5)
        keyvm("bank", "create", "-w", path, f"root/b{number}")
    first = time.perf_counter() - begin
    kill_now(pid)
    status = answer(path, "status")
    again = status["journal"]["replaySeconds"] * (status["gasClock"] - clock) / status["gasClock"]
    print(f"ran {first:.2f} s, replayed {status['journal']['replayed']} records in {again:.2f} s", flush=True)
    return first, again


def restart():
    """The time to the first answer of a killed world after 10,000 and after 1,000,000 inputs, at the same pace, killed as long
    after its last checkpoint."""
    found = []
    for count in 10_000, 1_000_000:
        path = world(f"restart-{count}")
        keyvm("run", "-w", path, "--name", "reader", module("reader", READER))
        subprocess.run([BENCH, "inputs", path, "reader", str(count), "10000"], check=False)
        seconds = statistics.median(timed(lambda: keyvm("status", "-w", path)) for _ in range(5))
        status = answer(path, "status")
        print(f"after {count} inputs {status['journal']['replayed']} were taken in again", flush=True)
        found.append(seconds)
    show("restart", *found, "10,000 inputs", "1,000,000", 2)


# Reads for ever, 4,096 bytes at a time.
READER = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 4096))
    (loop $l
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (br $l))))"""


class Client:
    """One connection to a world's control socket."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(f"{path}/control.sock")
        self.number = 0

    def written(self, request):
        self.number += 1
        body = json.dumps({"id": f"pace-{os.getpid()}-{self.number}", "request": request}).encode()
        return f"POST /v1/requests HTTP/1.1\r\nHost: world\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def ask(self, written):
        self.socket.sendall(written)
        said = b""
        while b"\r\n\r\n" not in said:
            said += self.socket.recv(65_536)
        head, _, rest = said.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(said.decode())
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1])
        while len(rest) < length:
            rest += self.socket.recv(65_536)


def send():
    """One line of 64 bytes: to its acknowledgement over the socket, beside an append and a sync of a plain file."""
    path = world("send")
    keyvm("run", "-w", path, "--name", "reader", module("reader", READER))
    pid = boot(path)
    file = os.open(f"{SCRATCH}/plain", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(file, 0, 4 << 20)
    os.fsync(file)
    client = Client(path)
    request = {"send": {"process": "reader", "data": base64.b64encode(b"x" * 64).decode(), "ends": False}}
    plain, sent = [], []
    for number in range(2_000):
        written = client.written(request)
        begin = time.perf_counter()
        os.pwrite(file, b"x" * 64, 64 * number)
        os.fdatasync(file)
        middle = time.perf_counter()
        client.ask(written)
        plain.append(middle - begin)
        sent.append(time.perf_counter() - middle)
    for name, share in ("p99", 0.99), ("p50", 0.5):
        few, many = quantile(plain, share), quantile(sent, share)
        print(f"one send, {name}: append and sync {few * 1e6:.0f} us, send {many * 1e6:.0f} us, ratio {many / few:.2f}", flush=True)
    hold("one send, p50, at most 3 times an append and a sync", many <= 3 * few)
    halt(path, pid)


run_parts((freeze, slowdown, replay, restart, send))
