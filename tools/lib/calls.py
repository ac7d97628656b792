"""Measures what it costs to invoke a key; see tools/calls."""

import os
import statistics
import subprocess
import time

from measuring import *

# Calls register 6 {rounds} times.
CLIENT = IMPORTS + """
    (local.set $i (i32.const {rounds}))
    (loop $l
      (drop (call $call (i32.const 6) (i32.const 0) (i32.const 64)))
      (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))"""

ROUNDS = 1_000_000


def run_for(name, rounds):
    """The seconds that a world takes to be idle in which a client makes so many calls."""
    path = world(f"{name}-{rounds}")
    keyvm("run", "-w", path, "--name", "server", module("server", SERVER))
    keyvm("run", "-w", path, "--name", "client", module(f"client-{rounds}", CLIENT.format(rounds=rounds)))
    keyvm("key", "grant", "-w", path, "client", "6=start:server")
    return timed(lambda: keyvm("boot", "-w", path, "--until-idle", "--every", "1h"))


def calls():
    """A call and its return between two processes, beside 8 bytes to another process and back through two pipes."""
    ours, theirs = [], []
    for number in range(7):
        # What starting and halting takes is not of the calls.
        ours.append((run_for(f"calls-{number}", ROUNDS) - run_for(f"few-{number}", 1)) / ROUNDS)
        ran = subprocess.run([f"{SCRATCH}/pipes", str(ROUNDS)], capture_output=True, text=True, check=True)
        theirs.append(float(ran.stdout) / ROUNDS)
    mine, peer = statistics.median(ours), statistics.median(theirs)
    print(f"a call and its return {mine * 1e9:.0f} ns, a round trip through two pipes {peer * 1e9:.0f} ns", flush=True)
    show("a call and its return", peer, mine, "pipes", "call", 0.2)


# What `true` is here.
NOTHING = "(module (func (export \"_start\")))"
LIVES = 100_000


def lives():
    """Processes that come and go, one after the other, beside programs that another system starts and waits for."""
    def lived(name, count):
        path = world(name)
        keyvm("bank", "create", "-w", path, "root/lives")
        keyvm("run", "-w", path, "--name", "model", module("nothing", NOTHING))
        keyvm(
            "run", "-w", path, "--name", "maker", "--grant", "6=bank:root/lives", "--grant", "7=meter:root",
            "--grant", "8=process:model", f"{SCRATCH}/lives.wasm", str(count))
        seconds = timed(lambda: keyvm("boot", "-w", path, "--until-idle", "--every", "5s"))
        states = [each["exitCode"] for each in json.loads(keyvm("ps", "-w", path, "--json"))["items"]]
        hold(f"{count} lives, and all over", states == [0, 0])
        pages = json.loads(keyvm("bank", "show", "-w", path, "root", "--json"))["pages"]
        return seconds, pages, os.path.getsize(f"{path}/store.mdb")

    ours, theirs, few = [], [], lived("few-lives", LIVES // 10)
    for number in range(3):
        many = lived(f"lives-{number}", LIVES)
        # What starting and halting takes is not of the lives.
        ours.append((many[0] - few[0]) / (LIVES - LIVES // 10))
        ran = subprocess.run([f"{SCRATCH}/spawn", str(LIVES // 10)], capture_output=True, text=True, check=True)
        theirs.append(float(ran.stdout) / (LIVES // 10))
    mine, peer = statistics.median(ours), statistics.median(theirs)
    print(f"a life of a process {mine * 1e6:.1f} us, posix_spawn and wait of true {peer * 1e6:.0f} us", flush=True)
    print(
        f"{LIVES // 10} lives leave {few[1]} pages and a store of {few[2] >> 10} KiB, {LIVES} leave {many[1]} and {many[2] >> 10} KiB",
        flush=True)
    hold("the store has not grown", many[1] <= few[1] + 1 and many[2] <= 1.5 * few[2])
    show("a process's life", peer, mine, "spawn", "process", 1 / 20)


def durable():
    """How long a program waits until the disk has what it did."""
    def waits(order, times):
        path = world(f"durable-{order}-{times}-{time.monotonic_ns()}")
        keyvm("run", "-w", path, "--grant", "6=checkpoint", f"{SCRATCH}/durable.wasm", order, str(times))
        seconds = timed(lambda: keyvm("boot", "-w", path, "--until-idle", "--every", "1h"))
        hold(f"{times} times {order}", json.loads(keyvm("ps", "-w", path, "--json"))["items"][0]["exitCode"] == 0)
        return seconds

    def syncs(times):
        with open(f"{SCRATCH}/plain", "wb") as file:
            for _ in range(times):
                file.write(bytes(112))
                file.flush()
                os.fdatasync(file.fileno())

    found = {"sync": [], "wait": [], "make": []}
    for _ in range(5):
        found["sync"].append(timed(lambda: syncs(1000)) / 1000)
        found["wait"].append((waits("wait", 1001) - waits("wait", 1)) / 1000)
        found["make"].append((waits("make", 101) - waits("make", 1)) / 100)
    sync, wait, make = (statistics.median(found[each]) for each in ("sync", "wait", "make"))
    show("to wait until it is durable", sync, wait, "an fdatasync", "wait", 2)
    print(f"a checkpoint for a program alone: {make * 1e3:.2f} ms")


run_parts((calls, lives, durable))
