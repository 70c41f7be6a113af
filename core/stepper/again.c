/* again.c - send steps of a repeat: what is the same in every round is made once. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST = 1 << 20 };

static bool is_constant(const struct wss_step *step)
{
    return step->kind == WSN_SEND_FRAME && step->opcode != WSC_CLOSE &&
           wss_payload_constant(&step->ast->payload);
}

/* Its own slot, the first that is free, or none.  Steps come in their order: it is the next. */
static struct again *slot_of(struct wss_run *run, const struct wss_step *step)
{
    size_t i =
        run->again_next < AGAINS && run->agains[run->again_next].step == step ? run->again_next : 0;
    while (i < AGAINS && run->agains[i].step && run->agains[i].step != step)
        i++;
    run->again_next = i + 1;
    return i < AGAINS ? &run->agains[i] : NULL;
}

/* What a generator makes of the case's draw is the same each time.  What is too long to be kept is
 * made once a round all the same: the slot remembers that. */
static void learn(struct wss_run *run, const struct wss_step *step, struct again *again)
{
    size_t len;
    const uint8_t *bytes = wss_payload_bytes(&run->scratch, &step->ast->payload, run->draw, &len);
    again->step = step;
    again->payload = bytes && len <= LARGEST ? wss_got(run, malloc(len + 1)) : NULL;
    if (!again->payload)
        return;
    memcpy(again->payload, bytes, len);
    again->len = len;
}

struct again *wss_again(struct wss_run *run, const struct wss_step *step, uint64_t round)
{
    struct again *again = round ? slot_of(run, step) : NULL;
    if (again && !again->step && is_constant(step))
        learn(run, step, again);
    return again && again->payload ? again : NULL;
}

void wss_again_free(struct wss_run *run)
{
    for (size_t i = 0; i < AGAINS; i++) {
        free(run->agains[i].payload);
        free(run->agains[i].packed);
        wsn_buffer_drop(&run->agains[i].line);
    }
}
