/* Who serves few connections at a time breaks no rule: the next waits until one is over, or is not
 * let in.  No case wrongs such a server, and none that it could pass is left out. */
#include "../sim_parts.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What becomes of one connection too many, and when one is over: LINGERS waits for our end too. */
enum manner { WAITS, LINGERS, REFUSES, HANGS_UP };

static const struct shape {
    const char *name;
    enum manner manner;
    unsigned seats;
} shapes[] = {
    {"one, the next waits", WAITS, 1},
    {"one, until our end has come", LINGERS, 1},
    {"one, the next is refused", REFUSES, 1},
    {"one, the next is hung up on", HANGS_UP, 1},
    {"two", WAITS, 2},
    {"three, until our end has come", LINGERS, 3},
    {"five, the next is refused", REFUSES, 5},
    {"ten", WAITS, 10},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static const struct wsh_sim_peer *const inner = &wsh_sim_reference;
static const struct shape *shape;
static unsigned taken, waiting, waited_most;

struct guest {
    struct guest *next; /* in the queue */
    void *context;
    bool client;
    void *inner; /* NULL: waits */
    uint8_t *input;
    size_t len, room;
    bool ended, reset;
    bool over, away; /* its seat is free again; it never had one */
};

/* In the order in which they came. */
static struct guest *queue;

static void sit_down(struct guest *guest, uint64_t now)
{
    guest->inner = inner->make(guest->context, guest->client, now);
    ck_assert_ptr_nonnull(guest->inner);
    taken++;
}

static void *guest_make(void *context, bool client, uint64_t now)
{
    bool full = taken >= shape->seats;
    if (full && shape->manner == REFUSES)
        return NULL;
    struct guest *guest = calloc(1, sizeof *guest);
    ck_assert_ptr_nonnull(guest);
    guest->context = context;
    guest->client = client;
    if (!full) {
        sit_down(guest, now);
        return guest;
    }
    guest->away = shape->manner == HANGS_UP;
    struct guest **last = &queue;
    while (*last)
        last = &(*last)->next;
    *last = guest->away ? NULL : guest;
    waiting += !guest->away;
    waited_most = waiting > waited_most ? waiting : waited_most;
    return guest;
}

static void leave_queue(struct guest *guest)
{
    for (struct guest **at = &queue; *at; at = &(*at)->next)
        if (*at == guest) {
            *at = guest->next;
            waiting--;
            return;
        }
}

static void stand_up(struct guest *guest)
{
    taken -= guest->inner && !guest->over;
    guest->over = true;
}

static void guest_drop(void *peer)
{
    struct guest *guest = peer;
    leave_queue(guest);
    stand_up(guest);
    if (guest->inner)
        inner->drop(guest->inner);
    free(guest->input);
    free(guest);
}

static void guest_receive(void *peer, const uint8_t *data, size_t len, uint64_t now)
{
    struct guest *guest = peer;
    if (guest->inner) {
        inner->receive(guest->inner, data, len, now);
        return;
    }
    if (guest->len + len > guest->room) {
        guest->room = 2 * (guest->len + len);
        guest->input = realloc(guest->input, guest->room);
        ck_assert_ptr_nonnull(guest->input);
    }
    memcpy(guest->input + guest->len, data, len);
    guest->len += len;
}

static void guest_ended(void *peer, bool reset, uint64_t now)
{
    struct guest *guest = peer;
    guest->ended = true;
    guest->reset = reset;
    if (guest->inner)
        inner->ended(guest->inner, reset, now);
}

static size_t guest_output(void *peer, const uint8_t **bytes)
{
    const struct guest *guest = peer;
    return guest->inner ? inner->output(guest->inner, bytes) : 0;
}

static void guest_written(void *peer, size_t len, uint64_t now)
{
    inner->written(((struct guest *)peer)->inner, len, now);
}

static bool has_ended(const struct guest *guest)
{
    return guest->inner && inner->end(guest->inner) != WSP_OPEN;
}

static enum wsp_end guest_end(const void *peer)
{
    const struct guest *guest = peer;
    return guest->away ? WSP_FIN : guest->inner ? inner->end(guest->inner) : WSP_OPEN;
}

/* Is there something to do that is no matter of time? */
static bool is_due(const struct guest *guest)
{
    bool done = has_ended(guest) && (shape->manner != LINGERS || guest->ended);
    return (queue == guest && taken < shape->seats) || (done && !guest->over);
}

static uint64_t guest_deadline(const void *peer)
{
    const struct guest *guest = peer;
    if (is_due(guest))
        return 0;
    return guest->inner ? inner->deadline(guest->inner) : UINT64_MAX;
}

static void guest_tick(void *peer, uint64_t now)
{
    struct guest *guest = peer;
    if (guest->inner && inner->deadline(guest->inner) <= now)
        inner->tick(guest->inner, now);
    if (!is_due(guest))
        return;
    if (guest->inner) {
        stand_up(guest);
        return;
    }
    leave_queue(guest);
    sit_down(guest, now);
    if (guest->len > 0)
        inner->receive(guest->inner, guest->input, guest->len, now);
    if (guest->ended)
        inner->ended(guest->inner, guest->reset, now);
}

static const struct wsh_sim_peer guest_peer = {.make = guest_make,
                                               .drop = guest_drop,
                                               .receive = guest_receive,
                                               .ended = guest_ended,
                                               .output = guest_output,
                                               .written = guest_written,
                                               .end = guest_end,
                                               .deadline = guest_deadline,
                                               .tick = guest_tick};

static bool wants_more(const struct wsq_case *c)
{
    return c->verdict == WSQ_SKIP && c->reason && strstr(c->reason, "connections at a time");
}

static bool is_right(const struct wsq_case *c, const struct wsq_case *ordinary)
{
    if (wants_more(c))
        return shape->seats == 1;
    return c->verdict == ordinary->verdict &&
           (c->verdict == WSQ_PASS || c->verdict == WSQ_INFO || c->verdict == WSQ_SKIP);
}

/* What the probe found; 0: no limit. */
static unsigned served_of(const struct wsq_run *run)
{
    static const char fact[] = "connections at a time: ";
    const char *at = strstr(run->profile, fact);
    return at ? (unsigned)strtoul(at + sizeof fact - 1, NULL, 10) : 0;
}

START_TEST(who_serves_few_at_a_time_is_not_wronged)
{
    enum { SHARE = 2 };
    unsigned share = getenv("WSPROOF_WHOLE") ? 0 : SHARE, part = (unsigned)_i % SHARE;
    struct suite_run ordinary, suite;
    shape = &shapes[_i];
    suite_run_shaped(&ordinary, inner, 0, share, part);
    suite_run_shaped(&suite, &guest_peer, 0, share, part);
    ck_assert_int_eq(suite.end, WSH_COMPLETE);
    ck_assert_uint_eq(suite.run.case_count, ordinary.run.case_count);
    size_t wrong = 0, left_out = 0;
    for (size_t i = 0; i < suite.run.case_count; i++) {
        const struct wsq_case *c = &suite.run.cases[i];
        ck_assert_str_eq(c->id, ordinary.run.cases[i].id);
        left_out += wants_more(c);
        if (is_right(c, &ordinary.run.cases[i]) || ++wrong > 5)
            continue;
        fprintf(stderr, "%s: %s: %s\n%s\n", c->id, wsq_verdict_name(c->verdict),
                c->reason ? c->reason : "", c->transcript ? c->transcript : "");
    }
    ck_assert_msg(wrong == 0, "%zu cases wrong a server of this kind: %s", wrong, shape->name);
    ck_assert(shape->seats > 1 || left_out > 0);
    unsigned served = served_of(&suite.run);
    bool exact = shape->manner == WAITS || shape->manner == LINGERS;
    ck_assert_uint_le(served, shape->seats);
    ck_assert_uint_ge(served, exact ? shape->seats : (shape->seats + 1) / 2);
    ck_assert_uint_eq(served_of(&ordinary.run), 0);
    suite_drop(&ordinary);
    suite_drop(&suite);
}
END_TEST

int main(void)
{
    suite_small_plan(); /* once, before the tests fork */
    Suite *suite = suite_create("at once");
    TCase *tcase = tcase_create("few");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, who_serves_few_at_a_time_is_not_wronged, 0, SHAPES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    suite_prove(runner, "few", "servers of few connections at a time that no case wrongs");
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
