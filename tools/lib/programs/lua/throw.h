// How Lua's errors come back to where they are caught: LUAI_TRY and LUAI_THROW, the two places that ldo.c leaves open
// for this. Included before every file of Lua's. Hides Asyncify, the pass of binaryen by which a stack of calls returns
// early, frame after frame. Invariants: a throw ends in the try that it names, tries in between are left on the way;
// after it the stack pointer of C is that of the frame that tried.
#ifndef KEYVM_THROW_H
#define KEYVM_THROW_H

struct lua_State;

/// Calls `body` with its two arguments. 0 when it returned, 1 when a throw to `mark` ended it, 2 when a throw to a mark
/// further out did, which the caller must then take up again.
int keyvm_try(void *mark, void (*body)(struct lua_State *, void *), struct lua_State *state, void *argument);

/// Ends every call up to the `keyvm_try` with this mark, which must be running.
void keyvm_throw(void *mark);

/// Goes on with a throw that `keyvm_try` answered with 2.
void keyvm_throw_on(void);

#define luai_jmpbuf int
#define LUAI_THROW(L, c) keyvm_throw(c)
// ldo.c tries at one place, in luaD_rawrunprotected, and what it tries there is always (*f)(L, ud).
#define LUAI_TRY(L, c, a) \
    if (keyvm_try((c), f, L, ud) == 2) keyvm_throw_on();

#endif
