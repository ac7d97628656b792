// Keepers: what a process is told that keeps others, and how it answers (`specs/keepers.md`).
//
// The keeper of a memory that gets 64 KiB more whenever its program reaches beyond its end; 8 and 9 are registers that it has free:
//
//     struct keyvm_received told;
//     keyvm_keeper_wait(8, 9, &told);
//     for (;;) {
//         int32_t code = keyvm_process_grow(8, (uint32_t)told.words[1], 1);
//         keyvm_keeper_answer(code, 8, 9, &told);
//     }
#ifndef KEYVM_KEEPER_H
#define KEYVM_KEEPER_H

#include <keyvm/ask.h>

/// What a process cannot go on for: the order of what its keeper is told.
enum keyvm_halt {
    KEYVM_KEEPER_TRAP = 1,   ///< word 0: the trap, by its number
    KEYVM_KEEPER_ACCESS = 2, ///< word 0: the address. Word 1: the instance that defines the memory. Word 2: below
    KEYVM_KEEPER_SPACE = 3,  ///< a bank sells it no page
    KEYVM_KEEPER_GAS = 4,    ///< its meter is dry
};

/// What an access is that a keeper is told of.
enum keyvm_access {
    KEYVM_ACCESS_OUTSIDE = 5,    ///< beyond the memory; the address is the first byte of it that is
    KEYVM_ACCESS_MISSING = 11,   ///< nothing lies there, or what did is gone; the address is the page's
    KEYVM_ACCESS_READ_ONLY = 12, ///< it is written, and its key has no right to that
};

/// Waits until a process cannot go on that this one keeps. A key to what it keeps goes into `to`, and the one by which it answers into
/// `resume`.
static inline int32_t keyvm_keeper_wait(uint32_t to, uint32_t resume, struct keyvm_received *told)
{
    *told = keyvm_buffer(NULL, 0);
    told->keys[0] = keyvm_register(to);
    told->keys[3] = keyvm_register(resume);
    return keyvm_return(KEYVM_NO_KEY, NULL, told);
}

/// Answers by the key in `resume` and waits for the next one. KEYVM_OK: the process tries again; else it is for its next keeper, or it halts.
static inline int32_t keyvm_keeper_answer(int32_t code, uint32_t to, uint32_t resume, struct keyvm_received *told)
{
    struct keyvm_message answer = keyvm_order(code);
    *told = keyvm_buffer(NULL, 0);
    told->keys[0] = keyvm_register(to);
    told->keys[3] = keyvm_register(resume);
    return keyvm_return(resume, &answer, told);
}

#endif
