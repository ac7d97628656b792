"""Compares the past with what a world was: the `places` of tools/past."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

from measuring import *

# Changes 64 pages at random for ever.
WORK = "(module (memory 4) (func (export \"_start\") (local $i i32) (local $s i64) (local.set $s (i64.const 1))" + STORES
SESSIONS = 4
PLACES = 200


class Places:
    """A world, what it said of itself, and the checkpoints that it kept by then."""

    def __init__(self):
        self.draw = random.Random(1)
        self.path = world("places")
        self.kept = {}
        self.seen = {}

    def keep(self):
        name = f"@{len(self.kept)}"
        keyvm("checkpoint", "create", "-w", self.path, name)
        said = json.loads(keyvm("at", "-w", self.path, name, "--", "hash", "--json"))
        self.kept[name] = said["gasClock"]

    def look(self, count):
        """Looks at it while it runs: hashes behind which the next look found it further, with nothing asked of it in between."""
        found, before = 0, None
        while found < count:
            time.sleep(self.draw.random() * 0.004)
            if self.draw.random() < 0.3:
                keyvm("send", "-w", self.path, "echo", f"line {self.draw.randrange(1000)}")
                before = None
                continue
            seen = json.loads(keyvm("hash", "-w", self.path, "--json"))
            if before and before["gasClock"] < seen["gasClock"]:
                self.seen[before["gasClock"]] = before["hash"]
                found += 1
            before = seen

    def past(self, number, clock):
        """What the past has there: from the checkpoint before it, and of every tenth place from the first one."""
        behind = [name for name, begin in self.kept.items() if begin < clock]
        name = behind[0] if number % 10 == 0 else behind[-1]
        steps = str(clock - self.kept[name])
        return json.loads(keyvm("at", "-w", self.path, name, "--steps", steps, "--", "hash", "--json"))["hash"]


def places():
    """The hash of the past at 200 places beside what the world said of itself there, over boots, a kill and requests of the halted world."""
    of = Places()
    keyvm("run", "-w", of.path, "--name", "work", module("work", WORK.format(pages=64, work=100)))
    keyvm("run", "-w", of.path, "--name", "echo", f"{SCRATCH}/echo.wasm")
    # In the middle of a turn.
    keyvm("boot", "-w", of.path, "--steps", "100003")
    of.keep()
    for number in range(SESSIONS):
        pid = boot(of.path, "--every", "1s")
        of.look(PLACES // SESSIONS // 2)
        of.keep()
        of.look(PLACES // SESSIONS // 2)
        if number == 1:
            kill_now(pid)
        else:
            halt(of.path, pid)
            keyvm("bank", "create", "-w", of.path, f"root/session-{number}")
    keyvm("boot", "-w", of.path, "--steps", "1")
    clocks = sorted(of.seen)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(of.past, range(len(clocks)), clocks))
    others = [clock for clock, hash in zip(clocks, found) if hash != of.seen[clock]]
    for clock in others:
        print(f"gas clock {clock}: the past is not what the world was, {of.seen[clock]}", flush=True)
    hold(f"{len(clocks) - len(others)} of {len(clocks)} places over {clocks[-1] - of.kept['@0']} of gas are what the world was", not others)
