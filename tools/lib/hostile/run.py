#!/usr/bin/env python3
"""Runs hostile modules beside a neighbour: run.py KEYVM SCRATCH GROUPS NAME…

KEYVM is the program, SCRATCH a folder of the caller's, GROUPS the folder in which control groups are made (version 1 or
2 of the memory controller). Prints a line for each module; exits with 1 when anything was out of bounds. tools/hostile
says what is measured. Every wait has a bound, and only processes that were started here are ended.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import modules

GROUP_BYTES = 300 << 20
SECONDS = 60  # for one module, from its request to its end
GAS = 200_000_000  # that a module may use
LIMIT = "64MiB"  # of its bank
LEAST_SHARE = 0.90  # of the neighbour: its gas, as a multiple of the module's
SECONDS_TOGETHER = 10  # that programs which do not fit together are looked at
SECONDS_BETWEEN = 0.5  # from one look at them to the next: `ps` counts every instance's pages, which takes milliseconds here
LEAST_GAS = 5_000_000  # a module that used less says nothing of shares
OVER = {"exited", "faulted", "frozen-gas", "frozen-space"}


class Problem(Exception):
    """What was out of bounds, in a line."""


class Group:
    """A control group of its own for a world's host and its clients."""

    def __init__(self, parent, name):
        self.folder = os.path.join(parent, name)
        os.mkdir(self.folder)
        first = os.path.exists(os.path.join(self.folder, "memory.limit_in_bytes"))
        with open(os.path.join(self.folder, "memory.limit_in_bytes" if first else "memory.max"), "w") as bound:
            bound.write(str(GROUP_BYTES))

    def enter(self):
        with open(os.path.join(self.folder, "cgroup.procs"), "w") as members:
            members.write(str(os.getpid()))

    def remove(self):
        for _ in range(100):
            try:
                return os.rmdir(self.folder)
            except OSError:
                time.sleep(0.05)


class World:
    """A world with a neighbour in it, and its host in a group."""

    def __init__(self, keyvm, folder, group):
        self.keyvm, self.folder, self.group = keyvm, folder, group
        self.host = None

    def boot(self):
        self.command("init", self.folder, world=False)
        self.command("boot", "--detach")
        self.host = self.answer("status")["pid"]

    def command(self, verb, *arguments, world=True, check=True):
        line = [self.keyvm, verb] + (["-w", self.folder] if world else []) + list(arguments)
        try:
            done = subprocess.run(
                line, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS,
                preexec_fn=self.group.enter)
        except subprocess.TimeoutExpired:
            raise Problem(f"keyvm {verb} gave no answer in {SECONDS} s")
        if check and done.returncode:
            raise Problem(f"keyvm {verb} ended with {done.returncode}: {done.stderr.strip()[:200]}")
        return done

    def answer(self, verb, *arguments):
        return json.loads(self.command(verb, "--json", *arguments).stdout)

    def processes(self):
        there = {each["name"]: each for each in self.answer("ps")["items"]}
        if "neighbour" not in there:
            raise Problem("the neighbour is gone")
        return there

    def peak(self):
        """Most memory that the host ever had, in bytes; 0 when it is gone."""
        try:
            with open(f"/proc/{self.host}/status") as status:
                return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
        except (OSError, StopIteration):
            return 0

    def end(self):
        if self.host is None:
            return
        try:
            os.kill(self.host, signal.SIGKILL)
        except ProcessLookupError:
            return
        for _ in range(200):
            if not self.peak():
                return
            time.sleep(0.05)


class Neighbour:
    """The process beside, by what `ps` says of it from time to time."""

    def __init__(self, rate):
        self.rate = rate
        self.samples = []

    def add(self, gas):
        self.samples.append((time.monotonic(), gas))

    @property
    def gas(self):
        return self.samples[-1][1] - self.samples[0][1]

    @property
    def pace(self):
        """Its gas as a part of what it uses when it is alone."""
        return self.gas / self.rate / max(1e-9, self.samples[-1][0] - self.samples[0][0])

    @property
    def stood(self):
        """The longest time between two samples that its gas does not account for at half its own pace, in seconds."""
        gaps = [
            (later - sooner) - (more - less) / (self.rate / 2)
            for (sooner, less), (later, more) in zip(self.samples, self.samples[1:])
        ]
        return max(gaps + [0.0])


def rate_alone(world):
    """Gas in a second that the neighbour uses when it is alone."""
    first, began = world.processes()["neighbour"]["gasUsed"], time.monotonic()
    time.sleep(0.3)
    return (world.processes()["neighbour"]["gasUsed"] - first) / (time.monotonic() - began)


def run(world, file, links):
    """Runs one module to its end: (outcome, seconds, its gas, the neighbour, what it said)."""
    neighbour = Neighbour(rate_alone(world))
    neighbour.add(world.processes()["neighbour"]["gasUsed"])
    began = time.monotonic()
    done = world.command(
        "run", "--name", "hostile", "--gas", str(GAS), "--limit", LIMIT, *links, file, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        neighbour.add(world.processes()["neighbour"]["gasUsed"])
        if len(lines) != 3 or not lines[2].startswith("try:"):
            raise Problem(f"refused without an error in three lines: {done.stderr[:200]!r}")
        if len(done.stderr) > 2_000:
            raise Problem(f"refused with an error of {len(done.stderr)} bytes")
        return f"refused ({done.returncode})", time.monotonic() - began, 0, neighbour, f"{lines[0]}: {lines[1]}"
    while True:
        there = world.processes()
        neighbour.add(there["neighbour"]["gasUsed"])
        state = there["hostile"]["state"]
        if state in OVER:
            break
        if time.monotonic() - began > SECONDS:
            raise Problem(f"still {state} after {SECONDS} s")
    return state, time.monotonic() - began, there["hostile"]["gasUsed"], neighbour, ""


def link_options(links, folder):
    """Writes modules that a program is linked to; the options that link it."""
    options = []
    for link, module in links:
        path = os.path.join(folder, link)
        with open(path, "wb") as output:
            output.write(module)
        options += ["--link", f"{link}={path}"]
    return options


def judge(name, keyvm, scratch, groups):
    """One module in a world of its own; prints its line and returns what was out of bounds, or None."""
    size, expected, _, make = modules.CASES[name]
    file = os.path.join(scratch, f"{name}.wasm")
    with open(file, "wb") as output:
        output.write(make(size))
    folder = os.path.join(scratch, f"{name}.links")
    os.mkdir(folder)
    links = link_options(modules.LINKS.get(name, lambda _: [])(size), folder)
    world, group = None, Group(groups, f"keyvm-hostile.{os.getpid()}.{name}")
    problem, row = None, ["-"] * len(HEADS)
    try:
        world = World(keyvm, os.path.join(scratch, name), group)
        world.boot()
        quiet = os.path.join(scratch, "neighbour.wasm")
        world.command("run", "--name", "neighbour", quiet)
        outcome, seconds, gas, neighbour, said = run(world, file, links)
        share = neighbour.gas / gas if gas >= LEAST_GAS else None
        peak = world.peak()
        row = [
            outcome, f"{seconds:.2f}", str(peak >> 20), str(gas),
            f"{share * 100:.0f} %" if share is not None else "-", f"{neighbour.pace * 100:.0f} %",
            f"{neighbour.stood * 1000:.0f}",
        ]
        if outcome.split()[0] not in expected.split("|"):
            problem = f"{outcome}, expected {expected} {said}"
        elif share is not None and share < LEAST_SHARE:
            problem = f"the neighbour got {share * 100:.0f} % of the module's gas"
        elif not peak:
            problem = "the host is gone"
        elif world.command("kill", "neighbour", check=False).returncode:
            problem = "the world takes no command any more"
    except Problem as found:
        problem = str(found)
        if world and not world.peak():
            problem += " (the host is gone)"
    finally:
        if world:
            world.end()
        group.remove()
        if world:
            shutil.rmtree(world.folder, ignore_errors=True)
        length = os.path.getsize(file)
        os.unlink(file)
        shutil.rmtree(folder)
    show(name, length, row, problem)
    return problem


def judge_together(name, keyvm, scratch, groups):
    """Programs that loop for ever and do not fit into memory together, beside the neighbour: all of them go on, and it has
    its part of the time."""
    count, _, make = modules.TOGETHER[name]
    world, group = None, Group(groups, f"keyvm-hostile.{os.getpid()}.{name}")
    folder = os.path.join(scratch, f"{name}.modules")
    os.mkdir(folder)
    problem, row, length = None, ["-"] * len(HEADS), 0
    try:
        world = World(keyvm, os.path.join(scratch, name), group)
        world.boot()
        world.command("run", "--name", "neighbour", os.path.join(scratch, "neighbour.wasm"))
        neighbour = Neighbour(rate_alone(world))
        for index in range(count):
            binary, links = make(index)
            file, options = os.path.join(folder, f"{index}.wasm"), link_options(links, folder)
            with open(file, "wb") as output:
                output.write(binary)
            length += len(binary)
            world.command("run", "--name", f"hostile-{index}", *options, file)
        sooner, began = world.processes(), time.monotonic()
        neighbour.add(sooner["neighbour"]["gasUsed"])
        while time.monotonic() - began < SECONDS_TOGETHER:
            time.sleep(SECONDS_BETWEEN)
            there = world.processes()
            neighbour.add(there["neighbour"]["gasUsed"])
        used = [there[f"hostile-{index}"]["gasUsed"] for index in range(count)]
        row = [
            there["hostile-0"]["state"], f"{time.monotonic() - began:.2f}", str(world.peak() >> 20), str(sum(used)),
            "-", f"{neighbour.pace * 100:.0f} %", f"{neighbour.stood * 1000:.0f}",
        ]
        if not all(used):
            problem = f"{used.count(0)} of {count} programs never ran"
        elif neighbour.pace < LEAST_SHARE / (count + 1):
            problem = f"the neighbour had {neighbour.pace * 100:.1f} % of the time beside {count} others"
        elif world.command("kill", "neighbour", check=False).returncode:
            problem = "the world takes no command any more"
    except Problem as found:
        problem = str(found)
        if world and not world.peak():
            problem += " (the host is gone)"
    finally:
        if world:
            world.end()
            shutil.rmtree(world.folder, ignore_errors=True)
        group.remove()
        shutil.rmtree(folder)
    show(name, length, row, problem)
    return problem


def judge_in_turn(keyvm, scratch, groups):
    """Modules that are alike but not the same, one after the other in one world, none of them removed."""
    group = Group(groups, f"keyvm-hostile.{os.getpid()}.in-turn")
    world = World(keyvm, os.path.join(scratch, IN_TURN), group)
    file = os.path.join(scratch, f"{IN_TURN}.wasm")
    size, _, _, make = modules.CASES["body-nops"]
    problem, ends, peak, began = None, [], 0, time.monotonic()
    try:
        world.boot()
        world.command("run", "--name", "neighbour", os.path.join(scratch, "neighbour.wasm"))
        for index in range(MODULES_IN_TURN):
            with open(file, "wb") as output:
                output.write(make(size - index))
            done = world.command("run", "--name", f"hostile-{index}", file, check=False)
            state = "refused" if done.returncode else None
            while state not in OVER and state != "refused":
                state = world.processes()[f"hostile-{index}"]["state"]
                if time.monotonic() - began > SECONDS * MODULES_IN_TURN:
                    raise Problem(f"module {index + 1} is still {state}")
            ends.append(state)
            peak = max(peak, world.peak())
            if not world.peak():
                raise Problem(f"the host is gone at module {index + 1}")
    except Problem as found:
        problem = f"{found} after {len(ends)} modules"
    finally:
        world.end()
        group.remove()
        shutil.rmtree(world.folder, ignore_errors=True)
        os.unlink(file)
    row = [ends[-1] if ends else "-", f"{time.monotonic() - began:.2f}", str(peak >> 20)] + ["-"] * 4
    show(IN_TURN, size, row, problem)
    return problem


def show(name, length, row, problem):
    print(f"{name:24} {length:>9}  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, WIDTHS)), flush=True)
    if problem:
        print(f"  OUT OF BOUNDS: {problem}", flush=True)


IN_TURN = "modules-in-turn"
MODULES_IN_TURN = 8
HEADS = ("outcome", "seconds", "MiB", "gas", "share", "pace", "behind")
WIDTHS = (12, 7, 5, 10, 7, 6, 6)


def main(arguments):
    keyvm, scratch, groups, *names = arguments
    there = list(modules.CASES) + list(modules.TOGETHER) + [IN_TURN]
    unknown = [name for name in names if name not in there]
    if unknown:
        print(f"no module is named {unknown[0]}\nthere are: {' '.join(there)}\ntry: tools/hostile", file=sys.stderr)
        return 64
    with open(os.path.join(scratch, "neighbour.wasm"), "wb") as output:
        output.write(modules.CASES["loop-endless"][3](1))
    print(f"{'module':24} {'bytes':>9}  " + "  ".join(f"{head:>{width}}" for head, width in zip(HEADS, WIDTHS)))
    names = names or there
    problems = 0
    for name in names:
        if name == IN_TURN:
            found = judge_in_turn(keyvm, scratch, groups)
        else:
            found = (judge_together if name in modules.TOGETHER else judge)(name, keyvm, scratch, groups)
        problems += found is not None
    print(f"{len(names)} modules, {problems} out of bounds")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
