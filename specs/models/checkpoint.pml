// Checkpoint, journal, crash and recovery of a world, for spin; tools/model runs it. What is modelled, what is left out, the
// properties and the seeded bugs: README.md beside this file.
//
// Three threads (kernel, journal, writer) and a power supply. A step is what no other thread sees the middle of; between any two
// the host may be killed, or the power may fail. Everything is bounded, but for how often somebody looks: so a run comes to its
// end, or it stops before, and that is a deadlock.

// MARK: Bounds

#ifndef INPUTS
#define INPUTS 2  // requests that clients send; none is sent again
#endif
#ifndef TURNS
#define TURNS 1  // turns of the world; one that is lost is run again
#endif
#ifndef FREEZES
#define FREEZES 1  // checkpoints while the world runs; boots and halts make their own
#endif
#ifndef SHOWS
#define SHOWS 1  // times that a client is shown what programs wrote
#endif
#ifndef ENDS
#define ENDS 2  // ends of hosts, at most
#endif
// Whether hosts are halted, and whether syncs fail.
#ifndef HALTS
#define HALTS true
#endif
#ifndef FAILURES
#define FAILURES true
#endif
#ifndef FILES
#define FILES 5  // serial numbers
#endif
#define RECORDS (INPUTS + SHOWS)
#if INPUTS > 3 || TURNS > 3 || RECORDS > 7
#error a record has no room for so much
#endif

// MARK: On disk

// A state. The first three fields are the world page's, the last is a page of programs: all that happened, as a numeral of base
// 5. The end of a turn is the digit 1, request i the digit i + 1. So equal numerals are equal pasts, and what is cut off at the
// end happened last.
typedef Pages {
    byte turn;    // turns that began
    bool inTurn;  // the last one is not over
    byte number;  // records that came in
    short past
}
#define BASE 5
// Of a set of pages.
#define WORLD 1
#define PAST 2

// A file of the journal, as processes see it and as it is where the power has failed.
typedef File {
    bool name;
    bool nameOnDisk;
    byte epoch;
    byte first;                // number of the first record
    byte written;              // set of numbers of records
    byte writtenOnDisk;
    byte known;                // what its seal calls durable
    byte knownOnDisk;
    byte record[RECORDS + 1]   // by number
}
#define HAS(set, number) ((set >> (number)) & 1)
// A record: its request, or 0 for a mark or an output; the turn after which it came in; what was durable when it was appended.
#define RECORD(request, turn, durable) ((request) + 4 * (turn) + 16 * (durable))
#define REQUEST(record) ((record) & 3)
#define TURN(record) ((record >> 2) & 3)
#define DURABLE(record) ((record) >> 4)

// By serial number; 0 is no file.
File file[FILES + 1];
// The last publication.
Pages head;
byte headEpoch = 1;
byte headFile;  // what its attributes name

// MARK: In memory

mtype:kernel = { down, replaying, opened, beginning, running, stopping, leaving };
mtype:kernel kernel = down;
Pages memory;
byte dirty;       // set of pages that changed since the last freeze
bool goesOn;      // what was opened goes on in files, and nothing was published since that names none
byte turnOfLast;  // the position of the last record

// The freeze under way: its pages, which of them nobody changed since, and the others as they were.
mtype:writer = { idle, asked, reading, settled, refused };
mtype:writer writer = idle;
byte frozen;
byte shared;
Pages kept;
Pages taken;      // what the writer has read
byte named;       // the file that the publication names

// What the journal's thread is to do, each with an operand: write a record; discard the files before one; begin a file of an
// epoch.
#define WRITE 1
#define DISCARD 2
#define BEGIN 3  // and the serial number
chan steps = [8] of { byte, byte };
mtype:journal = { waiting, syncing, naming };
mtype:journal journal = waiting;
byte last;        // record that was appended
byte wrote;       // record that was written
byte durable;     // record that is known to be durable
byte serial;      // file that records are appended to
byte first;       // its first record
byte current;     // file that the thread has open
byte begun;       // file that is durable under its name
bool failed;

// MARK: For the properties only

// What happened: all of it; up to the last answer; up to the last output that was shown; at each record, for whoever waits for it.
short happened, answered, shown;
short told[RECORDS + 1];
bool shows[RECORDS + 1];
Pages atFreeze;
byte requests, freezes, showings, ends, endsAtMost;
bool over;
// Each is asserted where it is set.
hidden byte acknowledged_is_in_effect, shown_is_not_contradicted, state_is_of_a_prefix, replay_meets_each_record,
    named_file_is_there, nothing_is_refused, publication_is_of_one_epoch, name_is_used_once, halt_leaves_nothing;
// Within a step.
hidden byte f, n, next, most, rest;  // rest: the file that has what was not taken in again, or 0
hidden short x;

ltl named_file_is_on_disk { [] (headFile == 0 || file[headFile].nameOnDisk) }

// MARK: Seeded bugs that change a condition

#ifdef BUG_PUBLISH_BEFORE_JOURNAL
#define JOURNAL_IS_BEGUN true
#else
#define JOURNAL_IS_BEGUN (named == 0 || begun >= named)
#endif
#ifdef BUG_TAKE_IN_WITHIN_TURN
#define BETWEEN_TURNS true
#else
#define BETWEEN_TURNS !memory.inTurn
#endif
#ifdef BUG_SHOW_WITHOUT_MARK
#define NEEDS_MARK (last == 0)
#else
#define NEEDS_MARK (turnOfLast != memory.turn)
#endif
#ifdef BUG_REPLAY_TWICE
#define IS_NEW(number) true
#else
#define IS_NEW(number) (number >= next)
#endif
#ifdef BUG_NAME_NO_FILE_IN_REPLAY
#define NAMED_IN_REPLAY 0
#else
#define NAMED_IN_REPLAY rest
#endif
#ifdef BUG_FORGET_EMPTY_FILES
#define MUST_PUBLISH (dirty || headFile != 0)
#else
#define MUST_PUBLISH (dirty || headFile != 0 || goesOn)
#endif

#ifdef BUG_BOOT_UNPUBLISHED
#define MUST_PUBLISH_FIRST (headFile != 0 || goesOn)
#else
#define MUST_PUBLISH_FIRST MUST_PUBLISH
#endif
#define IS_OPENING !over && (kernel == down || kernel == replaying && writer == settled)

// MARK: Pages

inline copy(to, from) {
    to.turn = from.turn;
    to.inTurn = from.inTurn;
    to.number = from.number;
    to.past = from.past
}

inline clear(pages) {
    pages.turn = 0;
    pages.inTurn = false;
    pages.number = 0;
    pages.past = 0
}

// The first change of a page since the freeze leaves a copy to the writer.
inline change(page) {
    dirty = dirty | page;
    if
    :: shared & page ->
#ifndef BUG_NO_COPY_ON_WRITE
        shared = shared & ~page;
#endif
        if
        :: page == WORLD -> kept.turn = memory.turn; kept.inTurn = memory.inTurn; kept.number = memory.number
        :: else -> kept.past = memory.past
        fi
    :: else
    fi
}

inline beginTurn() {
    change(WORLD);
    memory.turn++;
    memory.inTurn = true
}

inline endTurn() {
    change(PAST);
    memory.past = memory.past * BASE + 1;
    change(WORLD);
    memory.inTurn = false
}

inline perform(request) {
    change(PAST);
    memory.past = memory.past * BASE + request + 1
}

// A record. 0, a mark or an output, changes nothing but that it is counted.
inline comeIn(request) {
    if
    :: request > 0 -> perform(request)
    :: else
    fi;
    change(WORLD);
    memory.number++
}

// MARK: What is told

// Of two pasts the longer one is the greater numeral.
inline tell(history) {
    answered = (history > answered -> history : answered)
}

inline reveal(history) {
    shown = (history > shown -> history : shown)
}

// Whoever waits for records up to one is told.
inline tellUpTo(number) {
    n = durable + 1;
    do
    :: n <= number ->
        tell(told[n]);
        if
        :: shows[n] -> reveal(told[n])
        :: else
        fi;
        n++
    :: else -> break
    od
}

// MARK: The kernel's side of journal and checkpoint

inline give(step, operand) {
    if
    :: failed  // the thread drops it
    :: else -> steps!step, operand
    fi
}

inline beginFile(epoch) {
    serial++;
    assert(serial <= FILES && nfull(steps));
    first = last + 1;
    give(BEGIN + serial, epoch)
}

inline append(request) {
    comeIn(request);
    last++;
    turnOfLast = memory.turn;
    told[last] = memory.past;
    n = (durable >= first -> durable : 0);
    assert(nfull(steps));
    give(WRITE, RECORD(request, memory.turn, n))
}

// Steals the dirty set for a publication that names a file, or none.
inline freeze(toName) {
    frozen = dirty;
    shared = dirty;
    dirty = 0;
    named = toName;
    copy(atFreeze, memory);
    writer = asked
}

inline settle() {
    tell(head.past);
    frozen = 0;
    shared = 0;
    named = 0;
    clear(kept);
    clear(taken);
    clear(atFreeze);
    goesOn = goesOn && headFile != 0;
    writer = idle
}

// MARK: Files

inline syncFolder() {
    f = 1;
    do
    :: f <= FILES -> file[f].nameOnDisk = file[f].name; f++
    :: else -> break
    od
}

// What lies there is made durable before anything is built on it, or told of it. Where no file is, nothing is done.
inline syncFiles() {
    n = 0;
    f = 1;
    do
    :: f <= FILES ->
        if
        :: file[f].name ->
            file[f].writtenOnDisk = file[f].written;
            file[f].knownOnDisk = file[f].known;
            n++
        :: else
        fi;
        f++
    :: else -> break
    od;
    if
    :: n > 0 -> syncFolder()
    :: else
    fi
}

inline removeFiles(before) {
    f = 1;
    do
    :: f < before -> file[f].name = false; f++
    :: else -> break
    od
}

inline emptyFile(g) {
    file[g].epoch = 0;
    file[g].first = 0;
    file[g].written = 0;
    file[g].writtenOnDisk = 0;
    file[g].known = 0;
    file[g].knownOnDisk = 0;
    n = 0;
    do
    :: n <= RECORDS -> file[g].record[n] = 0; n++
    :: else -> break
    od
}

inline beginRecording() {
    last = memory.number;
    wrote = last;
    durable = last;
    turnOfLast = TURNS + 1;
    begun = 0;
#ifdef BUG_SERIAL_OF_HEAD_ONLY
    serial = headFile;
#else
    serial = FILES;
    do
    :: serial > 0 && !file[serial].name -> serial--
    :: else -> break
    od;
#endif
    beginFile(headEpoch)
}

// MARK: Opening

// Sets f to the file that the head goes on with, beyond all where its state is all that there is.
inline findFile() {
    nothing_is_refused = true;
    named_file_is_there = headFile == 0 || file[headFile].name;
    assert(named_file_is_there);
    f = headFile;
    if
    :: headFile == 0 ->
        // Files of lower epochs are left of a halt that was cut short.
        f = 1;
        do
        :: f <= FILES && !(file[f].name && file[f].epoch >= headEpoch) -> f++
        :: else -> break
        od;
        if
        :: f <= FILES -> nothing_is_refused = file[f].epoch == headEpoch
        :: else
        fi
    :: else
    fi;
    goesOn = f <= FILES
}

// Takes a record in where it came in.
inline takeIn(it) {
    do
    :: memory.inTurn -> endTurn()
    :: !memory.inTurn && memory.turn < TURN(it) -> beginTurn()
    :: else -> break
    od;
    replay_meets_each_record = memory.turn == TURN(it);
    assert(replay_meets_each_record);
    comeIn(REQUEST(it))
}

// Brings memory to where the world was, or so many records on the way there.
inline open(count) {
    most = count;
    rest = 0;
    copy(memory, head);
    findFile();
    next = memory.number + 1;
    n = 0;
    do
    :: f <= FILES && !file[f].name -> f++
    :: f <= FILES && file[f].name ->
        // The first may begin with records that are in the head; each other begins behind the one before.
        nothing_is_refused = nothing_is_refused && (n == 0 -> file[f].first <= next : file[f].first == n);
        n = file[f].first;
        do
        :: n <= RECORDS && HAS(file[f].written, n) ->
            if
            :: IS_NEW(n) && most > 0 -> takeIn(file[f].record[n]); most--
            :: IS_NEW(n) && most == 0 -> rest = (rest == 0 -> f : rest)
            :: else
            fi;
            n++
        :: else -> break
        od;
        // The first place without a record is the end, unless its seal or a record behind it says that one was durable.
        nothing_is_refused = nothing_is_refused && file[f].known < n;
        x = n + 1;
        do
        :: x <= RECORDS ->
            nothing_is_refused = nothing_is_refused && !(HAS(file[f].written, x) && DURABLE(file[f].record[x]) >= n);
            x++
        :: else -> break
        od;
        f++
    :: else -> break
    od;
    nothing_is_refused = nothing_is_refused && (n == 0 || n >= next);
    assert(nothing_is_refused)
}

// Sets x to what a past was when it was no longer than another.
inline cut(history, length) {
    x = history;
    do
    :: x > length -> x = x / BASE
    :: else -> break
    od
}

// The state that was opened, against what happened. Whoever asks now is told of it: by the host, which answers for requests that
// were taken in again, or by a reader.
inline check() {
    cut(happened, memory.past);
    state_is_of_a_prefix = x == memory.past;
    n = memory.inTurn;
    do
    :: x > 0 -> n = n + (x % BASE == 1 -> 1 : 0); x = x / BASE
    :: else -> break
    od;
    state_is_of_a_prefix = state_is_of_a_prefix && n == memory.turn;
    assert(state_is_of_a_prefix);
    cut(memory.past, answered);
    acknowledged_is_in_effect = x == answered;
    assert(acknowledged_is_in_effect);
    cut(memory.past, shown);
    shown_is_not_contradicted = x == shown;
    assert(shown_is_not_contradicted);
    happened = memory.past;
    answered = memory.past;
    shown = memory.past
}

// MARK: The end of a host

// What was in memory is gone. So that equal worlds are equal states, what nobody finds any more is cleared, and epochs are
// counted anew from the head's.
inline endHost() {
    clear(memory);
    dirty = 0;
    goesOn = false;
    turnOfLast = 0;
    writer = idle;
    frozen = 0;
    shared = 0;
    named = 0;
    clear(kept);
    clear(taken);
    clear(atFreeze);
    dropSteps();
    journal = waiting;
    last = 0;
    wrote = 0;
    durable = 0;
    serial = 0;
    first = 0;
    current = 0;
    begun = 0;
    failed = false;
    f = 1;
    do
    :: f <= FILES ->
        if
        :: file[f].name || file[f].nameOnDisk ->
            file[f].epoch = (file[f].epoch < headEpoch -> 0 : file[f].epoch - headEpoch + 1)
        :: else -> emptyFile(f)
        fi;
        f++
    :: else -> break
    od;
    headEpoch = 1;
    n = 0;
    do
    :: n <= RECORDS -> told[n] = 0; shows[n] = false; n++
    :: else -> break
    od;
    kernel = down
}

inline dropSteps() {
    do
    :: steps?_, _
    :: empty(steps) -> break
    od
}

// MARK: The threads

active proctype Kernel() {
    do
    // A reader looks.
    :: d_step {
        kernel == down && !over ->
#ifndef BUG_READER_DOES_NOT_SYNC
        syncFiles();
#endif
        open(RECORDS);
        check();
        endHost()
    }
    // A host opens the world. Where memory does not suffice, what is replayed goes through a checkpoint, and then on from there.
    :: d_step {
        IS_OPENING ->
        if
        :: writer == settled -> settle()
        :: else
        fi;
#ifndef BUG_HOST_DOES_NOT_SYNC
        syncFiles();
#endif
        open(RECORDS);
        check();
        kernel = opened
    }
    :: d_step {
        IS_OPENING ->
        if
        :: writer == settled -> settle()
        :: else
        fi;
        syncFiles();
        open(1);
        if
        :: rest == 0 ->
            check();
            kernel = opened
        :: else ->
            begun = rest;
            freeze(NAMED_IN_REPLAY);
            kernel = replaying
        fi
    }
    // What is asked of a host that does not run the world is written nowhere, and answered when it is published.
    :: d_step {
        kernel == opened && !memory.inTurn && requests < INPUTS ->
        requests++;
        perform(requests);
        happened = memory.past
    }
    // A boot. What no file has, or none of this boot, is published first.
    :: d_step {
        kernel == opened && MUST_PUBLISH_FIRST ->
        freeze(0);
        kernel = beginning
    }
    :: d_step {
        kernel == beginning && writer == settled ->
        settle();
        removeFiles(FILES + 1);
        kernel = opened
    }
    :: d_step {
        kernel == opened && !MUST_PUBLISH_FIRST ->
        beginRecording();
        kernel = running
    }
    // The run loop: a request, a look at what programs wrote, a turn, a checkpoint. One that falls due meanwhile waits.
    :: d_step {
        kernel == running && BETWEEN_TURNS && requests < INPUTS ->
        requests++;
        append(requests);
        happened = memory.past
    }
    :: d_step {
        kernel == running && !memory.inTurn && showings < SHOWS ->
        showings++;
        if
        :: NEEDS_MARK -> append(0)
        :: else
        fi;
        told[last] = memory.past;
        shows[last] = true;
        if
        :: durable == last -> reveal(memory.past)
        :: else
        fi
    }
    :: d_step {
        kernel == running && !memory.inTurn && memory.turn < TURNS ->
        beginTurn()
    }
    :: d_step {
        kernel == running && memory.inTurn ->
        endTurn();
        happened = memory.past
    }
    :: d_step {
        kernel == running && writer == idle && freezes < FREEZES ->
        freezes++;
        freeze(serial + 1);
        beginFile(headEpoch + 1);
#ifdef BUG_REMOVE_BEFORE_SETTLED
        give(DISCARD, serial)
#endif
    }
    :: d_step {
        kernel == running && writer == settled ->
        give(DISCARD, headFile);
        settle()
    }
    // A halt, of a boot or of a host that only opened the world. The last checkpoint has everything, and names no file.
    :: d_step {
        HALTS && (kernel == running || kernel == opened) && ends < endsAtMost ->
        kernel = stopping
    }
    :: d_step {
        kernel == stopping && writer == settled ->
        settle()
    }
    :: d_step {
        // What the journal cannot take is in no checkpoint either.
        kernel == stopping && writer == idle && MUST_PUBLISH && !failed && empty(steps) && journal == waiting ->
        freeze(0)
    }
    :: d_step {
        kernel == stopping && writer == idle && !MUST_PUBLISH && (failed || (empty(steps) && journal == waiting)) ->
        removeFiles(FILES + 1);
        kernel = leaving
    }
    :: d_step {
        kernel == leaving ->
        tell(memory.past);
        reveal(memory.past);
        halt_leaves_nothing = head.past == memory.past && head.number == memory.number && head.turn == memory.turn &&
            head.inTurn == memory.inTurn;
        assert(halt_leaves_nothing);
        ends++;
        endHost()
    }
    // A journal that cannot be written ends the boot.
    :: d_step {
        ((kernel == running || kernel == stopping && writer == idle && MUST_PUBLISH) && failed) || writer == refused ->
        endHost()
    }
    // Everything was done that may be done, and everybody was answered.
    :: atomic {
        kernel == running && !failed && requests == INPUTS && showings == SHOWS && freezes == FREEZES && ends >= endsAtMost &&
            memory.turn == TURNS && !memory.inTurn && writer == idle && durable == last && empty(steps) && journal == waiting ->
        over = true;
        break
    }
    od
}

active proctype Journal() {
    byte g, h;
    do
    // Writes what was appended meanwhile, all at once.
    :: d_step {
        journal == waiting && steps?[WRITE, _] ->
        do
        :: steps?[WRITE, _] ->
            wrote++;
            steps?WRITE, file[current].record[wrote];
            file[current].written = file[current].written | (1 << wrote)
        :: else -> break
        od;
#ifdef BUG_ACK_BEFORE_SYNC
        tellUpTo(wrote);
#endif
        journal = syncing
    }
    :: d_step {
        journal == syncing ->
        file[current].writtenOnDisk = file[current].written;
        file[current].known = wrote;
        tellUpTo(wrote);
        durable = wrote;
        journal = waiting
    }
    // Begins a file: its header is durable before it has its name. Or discards files, which is durable some time.
    :: d_step {
        journal == waiting && nempty(steps) && !steps?[WRITE, _] ->
        steps?g, h;
        if
        :: g == DISCARD -> removeFiles(h)
        :: else ->
            current = g - BEGIN;
            // A file that had another name has lost it for good before it gets another header.
            syncFolder();
            name_is_used_once = !file[current].name;
            assert(name_is_used_once);
            emptyFile(current);
            file[current].name = true;
            file[current].epoch = h;
            file[current].first = wrote + 1;
            journal = naming
        fi;
        g = 0;
        h = 0
    }
    :: d_step {
        journal == naming ->
#ifndef BUG_FOLDER_NOT_SYNCED
        syncFolder();
#endif
        begun = current;
        journal = waiting
    }
    // A sync fails. Nobody is told of anything any more.
    :: d_step {
        FAILURES && journal != waiting && ends < endsAtMost ->
        ends++;
#ifdef BUG_ACK_AFTER_FAILURE
        tellUpTo(wrote);
#endif
        failed = true;
        dropSteps();
        journal = waiting
    }
    :: over -> break
    od
}

active proctype Writer() {
    do
    // Waits for the journal, then copies page by page, while the world runs.
    :: d_step {
        writer == asked && JOURNAL_IS_BEGUN ->
        if
        :: !(frozen & WORLD) -> taken.turn = head.turn; taken.inTurn = head.inTurn; taken.number = head.number
        :: frozen & shared & WORLD -> taken.turn = memory.turn; taken.inTurn = memory.inTurn; taken.number = memory.number
        :: else -> taken.turn = kept.turn; taken.inTurn = kept.inTurn; taken.number = kept.number
        fi;
        writer = reading
    }
    // The commit.
    :: d_step {
        writer == reading ->
        if
        :: !(frozen & PAST) -> taken.past = head.past
        :: frozen & shared & PAST -> taken.past = memory.past
        :: else -> taken.past = kept.past
        fi;
        publication_is_of_one_epoch = taken.past == atFreeze.past && taken.number == atFreeze.number &&
            taken.turn == atFreeze.turn && taken.inTurn == atFreeze.inTurn;
        assert(publication_is_of_one_epoch);
        copy(head, taken);
        headEpoch++;
        headFile = named;
        writer = settled
    }
#ifndef BUG_FAILURE_WAKES_NOBODY
    :: d_step {
        writer == asked && !JOURNAL_IS_BEGUN && failed ->
        writer = refused
    }
#endif
    :: over -> break
    od
}

active proctype Power() {
    byte g, r;
    // Runs with few ends come to their own end: there a deadlock is seen.
    do
    :: endsAtMost < ENDS -> endsAtMost++
    :: break
    od;
    do
    // The host is killed: what it wrote is there, durable or not.
    :: d_step {
        kernel != down && ends < endsAtMost ->
        ends++;
        endHost()
    }
    // The power fails: each thing that was not synced is there or not.
    :: atomic {
        ends < endsAtMost ->
        ends++;
        g = 1;
        do
        :: g <= FILES ->
            if
            :: file[g].name != file[g].nameOnDisk -> file[g].name = file[g].nameOnDisk
            :: true
            fi;
            if
            :: file[g].known != file[g].knownOnDisk -> file[g].known = file[g].knownOnDisk
            :: true
            fi;
            r = 1;
            do
            :: r <= RECORDS ->
                if
                :: HAS(file[g].written, r) && !HAS(file[g].writtenOnDisk, r) ->
                    file[g].written = file[g].written & ~(1 << r);
                    file[g].record[r] = 0
                :: true
                fi;
                r++
            :: else -> break
            od;
            file[g].nameOnDisk = file[g].name;
            file[g].knownOnDisk = file[g].known;
            file[g].writtenOnDisk = file[g].written;
            g++
        :: else -> break
        od;
        g = 0;
        r = 0;
        d_step { endHost() }
    }
    :: over -> break
    od
}
