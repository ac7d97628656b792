// Stands in for the <setjmp.h> that this C library does not have. Lua's ldo.c includes it, and takes what it would use
// of it from throw.h instead; so it declares nothing, and whoever needs more of it fails to compile.
