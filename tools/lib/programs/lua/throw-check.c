// Tries throw.c by itself, before Lua is linked with it: throws to the try around, to one further out through others that
// are left on the way, after which all of them can be used again, and often enough that a stack pointer which is not put
// back would run out of the stack. Exit code 0 when all is right, else the number of the check that is not.
#include <stddef.h>

#include "throw.h"

struct lua_State {
    int entered, returned;
};

static char outer, inner, innermost;

/// A frame of a page, which a throw leaves without its end being reached.
__attribute__((noinline)) static void throw_from_frame(struct lua_State *state, void *mark)
{
    volatile char page[4096];
    page[state->entered & 4095] = 1;
    state->entered += page[state->entered & 4095];
    if (mark != NULL) keyvm_throw(mark);
    state->returned++;
}

__attribute__((noinline)) static void try_innermost(struct lua_State *state, void *mark)
{
    if (keyvm_try(&innermost, throw_from_frame, state, mark) == 2) keyvm_throw_on();
    state->returned++;
}

__attribute__((noinline)) static void try_inner(struct lua_State *state, void *mark)
{
    if (keyvm_try(&inner, try_innermost, state, mark) == 2) keyvm_throw_on();
    state->returned++;
}

/// Whether a throw to `mark` from three tries deep ends where it should, with so many calls having returned.
static int right(void *mark, int result, int returned)
{
    struct lua_State state = {0, 0};
    return keyvm_try(&outer, try_inner, &state, mark) == result && state.entered == 1 && state.returned == returned;
}

int main(void)
{
    // 100,000 lost pages would be 400 times the stack
    for (int round = 0; round < 100000; round++) {
        if (!right(NULL, 0, 3)) return 1;
        if (!right(&innermost, 0, 2)) return 2;
        if (!right(&inner, 0, 1)) return 3;
        if (!right(&outer, 1, 0)) return 4;
    }
    return 0;
}
