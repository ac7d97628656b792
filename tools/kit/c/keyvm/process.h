// Processes as objects (`specs/keys/process.md`).
#ifndef KEYVM_PROCESS_H
#define KEYVM_PROCESS_H

#include <keyvm/ask.h>

/// Rights.
enum {
    KEYVM_PROCESS_LOOK = 1,
    KEYVM_PROCESS_CHANGE = 2,
    KEYVM_PROCESS_RUN = 4,
    KEYVM_PROCESS_INVITE = 8,
    KEYVM_PROCESS_GOVERN = 16,
    KEYVM_PROCESS_MEMORY = 32, ///< what is about its memory, and nothing else
};

/// What a process is doing.
enum keyvm_state {
    KEYVM_READY = 1,
    KEYVM_WAITING = 2,
    KEYVM_FROZEN_GAS = 3,
    KEYVM_FROZEN_SPACE = 4,
    KEYVM_STOPPED = 5,
    KEYVM_FAULTED = 6,
    KEYVM_EXITED = 7,
};

/// Of what a process lists its pages.
enum keyvm_list { KEYVM_LIST_CODE = 1, KEYVM_LIST_MEMORY = 2 };

/// Orders.
enum {
    KEYVM_PROCESS_ORDER_FIGURES = 2,
    KEYVM_PROCESS_ORDER_POSITION = 3,
    KEYVM_PROCESS_ORDER_STACK = 4,
    KEYVM_PROCESS_ORDER_FETCH = 5,
    KEYVM_PROCESS_ORDER_STORE = 6,
    KEYVM_PROCESS_ORDER_READ = 7,
    KEYVM_PROCESS_ORDER_WRITE = 8,
    KEYVM_PROCESS_ORDER_LIST = 9,
    KEYVM_PROCESS_ORDER_START = 10,
    KEYVM_PROCESS_ORDER_STOP = 11,
    KEYVM_PROCESS_ORDER_END = 12,
    KEYVM_PROCESS_ORDER_REMOVE = 13,
    KEYVM_PROCESS_ORDER_INVITE = 14,
    KEYVM_PROCESS_ORDER_BANK = 15,
    KEYVM_PROCESS_ORDER_METER = 16,
    KEYVM_PROCESS_ORDER_KEEPER = 17,
    KEYVM_PROCESS_ORDER_GROW = 18,
    KEYVM_PROCESS_ORDER_MAP = 19,
    KEYVM_PROCESS_ORDER_UNMAP = 20,
    KEYVM_PROCESS_ORDER_BEGIN = 21,
    KEYVM_PROCESS_ORDER_CONSOLE = 22,
};

/// What a process is.
struct keyvm_process {
    uint64_t id;
    enum keyvm_state state;
    uint8_t waits_for; ///< of one that waits: 1 input, 2 a timer, 3 either, 4 a call of its embedder, 8 a reply, 16 a message, 32 its turn, 64 its keeper, 128 a sync
    uint8_t trap; ///< of one that has faulted
    uint64_t gas_used, pages;
    int32_t exit_code; ///< of one that is over
    uint32_t instances;
    uint64_t bank; ///< tells processes of one bank from those of another
};

static inline int32_t keyvm_process_figures(uint32_t process_key, struct keyvm_process *process)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_FIGURES);
    uint64_t figures[4];
    struct keyvm_received reply = keyvm_buffer(figures, sizeof figures);
    int32_t code = keyvm_call(process_key, &message, &reply);
    if (code != KEYVM_OK) return code;
    process->id = reply.words[0];
    process->state = (enum keyvm_state)(reply.words[1] & 0xFF);
    process->waits_for = (uint8_t)(reply.words[1] >> 8);
    process->trap = (uint8_t)(reply.words[1] >> 16);
    process->gas_used = reply.words[2];
    process->pages = figures[0];
    process->exit_code = (int32_t)figures[1];
    process->instances = (uint32_t)figures[2];
    process->bank = figures[3];
    return code;
}

/// Puts what a register of the process holds into `to`.
static inline int32_t keyvm_process_fetch(uint32_t process_key, uint32_t number, uint32_t to)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_FETCH, number, 0, KEYVM_NO_KEY, to);
}

/// Puts a key into a register of the process.
static inline int32_t keyvm_process_store(uint32_t process_key, uint32_t number, uint32_t key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_STORE, number, 0, key, KEYVM_NO_KEY);
}

/// Bytes of the memory that an instance of the process defines; at most 4,096.
static inline int32_t keyvm_process_read(
    uint32_t process_key, uint32_t instance, uint32_t address, void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_READ);
    message.words[0] = instance;
    message.words[1] = address;
    message.words[2] = count;
    struct keyvm_received reply = keyvm_buffer(bytes, count);
    return keyvm_call(process_key, &message, &reply);
}

static inline int32_t keyvm_process_write(
    uint32_t process_key, uint32_t instance, uint32_t address, const void *bytes, uint32_t count)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_WRITE);
    message.words[0] = instance;
    message.words[1] = address;
    message.bytes = bytes;
    message.count = count;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    return keyvm_call(process_key, &message, &reply);
}

/// Puts a key to a page of what the process is made of into `to`; void where nothing was written to that page.
static inline int32_t keyvm_process_list(
    uint32_t process_key, enum keyvm_list list, uint32_t instance, uint32_t page, uint32_t to)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_LIST);
    message.words[0] = list;
    message.words[1] = instance;
    message.words[2] = page;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    reply.keys[0] = keyvm_register(to);
    return keyvm_call(process_key, &message, &reply);
}

static inline int32_t keyvm_process_start(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_START, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_process_stop(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_STOP, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

static inline int32_t keyvm_process_end(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_END, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Of one that is over: its log and its code go.
static inline int32_t keyvm_process_remove(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_REMOVE, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Puts a start key of the process with a badge into `to`.
static inline int32_t keyvm_process_invite(uint32_t process_key, uint16_t badge, uint32_t to)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_INVITE, badge, 0, KEYVM_NO_KEY, to);
}

/// Another bank pays for the process.
static inline int32_t keyvm_process_bank(uint32_t process_key, uint32_t bank_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_BANK, 0, 0, bank_key, KEYVM_NO_KEY);
}

/// Another meter is what the process runs on.
static inline int32_t keyvm_process_meter(uint32_t process_key, uint32_t meter_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_METER, 0, 0, meter_key, KEYVM_NO_KEY);
}

/// Names who is told what the process cannot go on for, by a start key; a void one: nobody is.
static inline int32_t keyvm_process_keeper(uint32_t process_key, uint32_t start_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_KEEPER, 0, 0, start_key, KEYVM_NO_KEY);
}

/// The same, of accesses outside of the memory that an instance of the process defines.
static inline int32_t keyvm_process_memory_keeper(uint32_t process_key, uint32_t instance, uint32_t start_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_KEEPER, (uint64_t)instance + 1, 0, start_key, KEYVM_NO_KEY);
}

/// Gives the memory that an instance of the process defines so many times 65,536 bytes more.
static inline int32_t keyvm_process_grow(uint32_t process_key, uint32_t instance, uint32_t units)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_GROW, instance, units, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Lets a page lie at page `page` of the memory that an instance of the process defines.
static inline int32_t keyvm_process_map(uint32_t process_key, uint32_t instance, uint32_t page, uint32_t page_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_MAP, instance, page, page_key, KEYVM_NO_KEY);
}

/// Lets nothing lie there: whoever reads or writes it faults.
static inline int32_t keyvm_process_map_nothing(uint32_t process_key, uint32_t instance, uint32_t page)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_MAP);
    message.words[0] = instance;
    message.words[1] = page;
    message.words[2] = 1;
    struct keyvm_received reply = keyvm_buffer(NULL, 0);
    return keyvm_call(process_key, &message, &reply);
}

/// Lets the memory's own page lie there again, and puts the key to what was mapped into `to`.
static inline int32_t keyvm_process_unmap(uint32_t process_key, uint32_t instance, uint32_t page, uint32_t to)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_UNMAP, instance, page, KEYVM_NO_KEY, to);
}

/// Stops the process at its beginning: all that it computed is gone, its registers stay.
static inline int32_t keyvm_process_begin(uint32_t process_key)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_BEGIN, 0, 0, KEYVM_NO_KEY, KEYVM_NO_KEY);
}

/// Puts a key to the input (0), output (1) or error (2) of the process's console into `to`.
static inline int32_t keyvm_process_console(uint32_t process_key, uint32_t stream, uint32_t to)
{
    return keyvm_ask(process_key, KEYVM_PROCESS_ORDER_CONSOLE, stream, 0, KEYVM_NO_KEY, to);
}

/// Where a process stands.
struct keyvm_position {
    uint64_t function, offset; ///< the function's index, and the byte of the module
    uint64_t instance;
};

static inline int32_t keyvm_process_position(uint32_t process_key, struct keyvm_position *position)
{
    uint64_t words[3];
    int32_t code = keyvm_ask_words(process_key, KEYVM_PROCESS_ORDER_POSITION, KEYVM_NO_KEY, KEYVM_NO_KEY, words);
    if (code != KEYVM_OK) return code;
    *position = (struct keyvm_position){.function = words[0], .offset = words[1], .instance = words[2]};
    return code;
}

/// At most 512 slots of its stack, from slot `start` on. `height`: how many there are; NULL: that is not asked.
static inline int32_t keyvm_process_stack(uint32_t process_key, uint64_t start, uint64_t *slots, uint32_t count, uint64_t *height)
{
    struct keyvm_message message = keyvm_order(KEYVM_PROCESS_ORDER_STACK);
    message.words[0] = start;
    message.words[1] = count;
    struct keyvm_received reply = keyvm_buffer(slots, count * (uint32_t)sizeof *slots);
    int32_t code = keyvm_call(process_key, &message, &reply);
    if (code == KEYVM_OK && height) *height = reply.words[0];
    return code;
}

#endif
