/* sim_pipe.c - the bytes that are under way in one direction. */
#include "sim_parts.h"

#include <stdlib.h>
#include <string.h>

bool wsh_pipe_open(struct wsh_pipe *pipe, size_t size)
{
    *pipe = (struct wsh_pipe){.size = size, .ring = malloc(size)};
    return pipe->ring != NULL;
}

size_t wsh_pipe_put(struct wsh_pipe *pipe, const uint8_t *p, size_t n)
{
    if (n > pipe->size - pipe->used)
        n = pipe->size - pipe->used;
    for (size_t done = 0; done < n;) {
        size_t to = (pipe->at + pipe->used) % pipe->size;
        size_t run = pipe->size - to < n - done ? pipe->size - to : n - done;
        memcpy(pipe->ring + to, p + done, run);
        pipe->used += run;
        done += run;
    }
    return n;
}

size_t wsh_pipe_take(struct wsh_pipe *pipe, uint8_t *out, size_t n)
{
    if (n > pipe->used)
        n = pipe->used;
    for (size_t done = 0; done < n;) {
        size_t run = pipe->size - pipe->at < n - done ? pipe->size - pipe->at : n - done;
        memcpy(out + done, pipe->ring + pipe->at, run);
        pipe->at = (pipe->at + run) % pipe->size;
        pipe->used -= run;
        done += run;
    }
    return n;
}
