#include "scarce.h"

#include <stddef.h>

static bool counting, holding, failed;
static unsigned left;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

void scarce_begin(unsigned n)
{
    counting = true;
    failed = false;
    left = n;
}

void scarce_hold(bool held)
{
    holding = held;
}

bool scarce_end(void)
{
    counting = false;
    return failed;
}

static bool fails(void)
{
    if (!counting || holding || failed)
        return false;
    failed = left == 0;
    left -= !failed;
    return failed;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
    return fails() ? NULL : __real_realloc(p, size);
}
