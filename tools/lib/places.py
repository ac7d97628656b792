"""Compares the past with what a world was: the `places` of tools/past."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from measuring import *

# Changes 64 pages at random for ever.
WORK = "(module (memory 4) (func (export \"_start\") (local $i i32) (local $s i64) (local.set $s (i64.const 1))" + STORES
SESSIONS = 4
PLACES = 200


def looked_at(path, draw, count):
    """Hashes of a world that runs, by gas clock: those behind which the next look found it further, with nothing sent between."""
    found, before = {}, None
    while len(found) < count:
        time.sleep(draw.random() * 0.004)
        if draw.random() < 0.3:
            keyvm("send", "-w", path, "echo", f"line {draw.randrange(1000)}")
            before = None
            continue
        seen = json.loads(keyvm("hash", "-w", path, "--json"))
        if before and before["gasClock"] < seen["gasClock"]:
            found[before["gasClock"]] = before["hash"]
        before = seen
    return found


def places():
    """`at @begin --steps N -- hash` against what the world said of itself at that gas clock, over boots, a kill and what was asked of it halted."""
    draw = random.Random(1)
    path = world("places")
    keyvm("run", "-w", path, "--name", "work", module("work", WORK.format(pages=64, work=100)))
    keyvm("run", "-w", path, "--name", "echo", f"{SCRATCH}/echo.wasm")
    # Behind a first boot, so that it is in the middle of a turn.
    keyvm("boot", "-w", path, "--steps", "100003")
    keyvm("checkpoint", "create", "-w", path, "@begin")
    begin = json.loads(keyvm("hash", "-w", path, "--json"))["gasClock"]
    seen = {}
    for number in range(SESSIONS):
        pid = boot(path, "--every", "1s")
        seen |= looked_at(path, draw, PLACES // SESSIONS)
        if number == 1:
            kill_now(pid)
        else:
            halt(path, pid)
            keyvm("bank", "create", "-w", path, f"root/session-{number}")
    keyvm("boot", "-w", path, "--steps", "1")

    def past(clock):
        return json.loads(keyvm("at", "-w", path, "@begin", "--steps", str(clock - begin), "--", "hash", "--json"))["hash"]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(seen, pool.map(past, seen)))
    others = sorted(clock for clock in seen if found[clock] != seen[clock])
    for clock in others:
        print(f"at gas clock {clock} it was {seen[clock]}, the past has {found[clock]}", flush=True)
    hold(f"{len(seen) - len(others)} of {len(seen)} places over {max(seen) - begin} of gas are what the world was", not others)
