/* kinds.c - what the kinds of steps have in common: steps.def, as a table. */
#include "parser.h"

enum place { SENT, EXPECTED, NAMED, ALONE, NOWHERE };

static const struct kind {
    const char *word;
    enum place place;
    enum wsn_tail tail;
} kinds[] = {
#define STEP(kind, word, place, tail) [WSN_##kind] = {word, place, WSN_TAIL_##tail},
#include <wsn/steps.def>
#undef STEP
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *wsn_step_word(enum wsn_step_kind kind)
{
    return kinds[kind].word;
}

enum wsn_tail wsn_step_tail(enum wsn_step_kind kind)
{
    return kinds[kind].tail;
}

bool wsn_keyword(const char *p, size_t n, enum wsn_step_kind *kind)
{
    for (size_t i = 0; i < KINDS; i++) {
        if ((kinds[i].place == NAMED || kinds[i].place == ALONE) && wsn_is(p, n, kinds[i].word)) {
            *kind = (enum wsn_step_kind)i;
            return true;
        }
    }
    return false;
}

bool wsn_sends(enum wsn_step_kind kind)
{
    return kinds[kind].place == SENT;
}

bool wsn_expects(enum wsn_step_kind kind)
{
    return kinds[kind].place == EXPECTED;
}

bool wsn_on_connection(enum wsn_step_kind kind)
{
    return kinds[kind].place <= NAMED;
}

bool wsn_asks(enum wsn_step_kind kind)
{
    return kinds[kind].tail != WSN_TAIL_NONE;
}
