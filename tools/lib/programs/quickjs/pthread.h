// Stands in for the <pthread.h> that this C library does not have. QuickJS takes from it a lock and a condition for
// Atomics.wait and Atomics.notify. A module has one thread: locks are always free, nobody else can end a wait, and
// QuickJS refuses to wait in a runtime that may not block, as the one of main.c; so a wait is a bug, and traps.
#ifndef KEYVM_PTHREAD_H
#define KEYVM_PTHREAD_H

#include <time.h>

typedef int pthread_mutex_t;
typedef int pthread_cond_t;

#define PTHREAD_MUTEX_INITIALIZER 0

static inline int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    *mutex = 1;
    return 0;
}

static inline int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    *mutex = 0;
    return 0;
}

static inline int pthread_cond_init(pthread_cond_t *condition, const void *attributes)
{
    (void)attributes;
    *condition = 0;
    return 0;
}

static inline int pthread_cond_destroy(pthread_cond_t *condition)
{
    (void)condition;
    return 0;
}

static inline int pthread_cond_signal(pthread_cond_t *condition)
{
    *condition = 1;
    return 0;
}

static inline int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    (void)condition, (void)mutex;
    __builtin_trap();
}

static inline int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *time)
{
    (void)condition, (void)mutex, (void)time;
    __builtin_trap();
}

#endif
