#include "sim_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <wsp/chance.h>

struct chunk {
    struct chunk *next;
    const uint8_t *p;
    size_t n;
};

struct link { /* one connection */
    bool used, open, connecting, reading, shut, failed;
    uint64_t connect_at;
    void *peer;
    enum wsp_end peer_end;
    struct chunk *first, **last;
    struct wsh_pipe out, in; /* ours to the peer, the peer's to us */
};

struct attempt {
    struct attempt *next;
    struct wsh_task *task;
    struct wss_run *run;
    struct link *links;
    unsigned link_count;
    uint64_t random; /* state of the attempt's stream */
    unsigned cut;    /* how this attempt's streams are cut */
    uint64_t moved;  /* bytes so far */
};

struct wsh_sim {
    struct wsh_loop base;
    struct wsh_sim_config config;
    struct attempt *attempts;
    uint64_t now;
    uint8_t scratch[65536];
};

/* ---- chance ---- */

/* An attempt's stream depends on its case alone, not on what else runs. */
static uint64_t stream_of(uint64_t seed, const char *id)
{
    uint64_t hash = 0xcbf29ce484222325u ^ seed;
    for (; *id; id++)
        hash = (hash ^ (uint8_t)*id) * 0x100000001b3u;
    return hash;
}

enum { CUT_WHOLE, CUT_BYTES, CUT_RANDOM, CUT_KINDS };
/* Behind this many bytes an attempt's streams are no longer cut or delayed: it has seen enough of
 * it, and virtual time must not run out over a large message. */
enum { CUT_BYTES_MAX = 65536 };

static size_t piece(struct attempt *a, size_t available)
{
    size_t n = available;
    if (a->moved < CUT_BYTES_MAX && a->cut == CUT_BYTES)
        n = 1;
    else if (a->moved < CUT_BYTES_MAX && a->cut == CUT_RANDOM)
        n = 1 + (size_t)(wsp_chance(&a->random) % available);
    a->moved += n;
    return n;
}

static uint64_t delay(const struct wsh_sim *sim, struct attempt *a)
{
    return sim->config.whole || a->moved >= CUT_BYTES_MAX ? 0 : wsp_chance(&a->random) % 2;
}

/* ---- pipes ---- */

static bool pipe_open(struct wsh_pipe *pipe, struct attempt *a)
{
    static const size_t sizes[] = {65536, 4096, 1000, 262144};
    return wsh_pipe_open(pipe, sizes[wsp_chance(&a->random) % 4]);
}

/* ---- links ---- */

static struct link *link_at(struct attempt *a, unsigned id)
{
    if (id >= a->link_count) {
        unsigned count = id + 1;
        struct link *list = realloc(a->links, count * sizeof *list);
        if (!list)
            return NULL;
        memset(list + a->link_count, 0, (count - a->link_count) * sizeof *list);
        a->links = list;
        a->link_count = count;
    }
    return &a->links[id];
}

static void link_drop(const struct wsh_sim *sim, struct link *link, bool reset)
{
    while (link->first) {
        struct chunk *chunk = link->first;
        link->first = chunk->next;
        free(chunk);
    }
    if (link->peer) {
        if (!link->out.told)
            sim->config.peer->ended(link->peer, reset, sim->now);
        sim->config.peer->drop(link->peer);
    }
    free(link->out.ring);
    free(link->in.ring);
    memset(link, 0, sizeof *link);
}

static void link_connect(struct wsh_sim *sim, struct attempt *a, unsigned id)
{
    struct link *link = link_at(a, id);
    if (!link) {
        wss_starve(a->run, sim->now);
        return;
    }
    memset(link, 0, sizeof *link);
    link->used = link->connecting = link->reading = true;
    link->connect_at = sim->now + delay(sim, a);
}

static void link_opened(struct wsh_sim *sim, struct attempt *a, unsigned id)
{
    struct link *link = &a->links[id];
    link->connecting = false;
    link->peer =
        sim->config.peer->make(sim->config.context, a->task->setup.test->server_role, sim->now);
    if (!link->peer) {
        link_drop(sim, link, true);
        wss_connect_failed(a->run, id, WSS_REFUSED, "connection refused", sim->now);
        return;
    }
    if (!pipe_open(&link->out, a) || !pipe_open(&link->in, a)) {
        link_drop(sim, link, true);
        wss_starve(a->run, sim->now);
        return;
    }
    link->open = true;
    wss_connected(a->run, id, sim->now);
}

static void link_write(struct wsh_sim *sim, struct attempt *a, struct link *link,
                       const uint8_t *bytes, size_t len)
{
    if (link->failed || len == 0)
        return;
    struct chunk *chunk = malloc(sizeof *chunk);
    if (!chunk) {
        wss_starve(a->run, sim->now);
        return;
    }
    *chunk = (struct chunk){.p = bytes, .n = len};
    if (!link->first)
        link->last = &link->first;
    *link->last = chunk;
    link->last = &chunk->next;
}

/* ---- what one turn moves; each returns true when something happened ---- */

/* What we write goes into the pipe as far as it has room.  A peer that closed answers the first
 * write with a reset: the next one fails. */
static bool move_out(struct wsh_sim *sim, struct attempt *a, unsigned id)
{
    struct link *link = &a->links[id];
    struct chunk *chunk = link->first;
    if (!chunk)
        return false;
    if (link->peer_end != WSP_OPEN && link->out.ended) {
        link->failed = true;
        while (link->first) {
            chunk = link->first;
            link->first = chunk->next;
            free(chunk);
        }
        wss_write_failed(a->run, id, sim->now);
        return true;
    }
    size_t n = chunk->n;
    if (link->peer_end != WSP_OPEN)
        link->out.ended = true;
    else if ((n = wsh_pipe_put(&link->out, chunk->p, chunk->n)) == 0)
        return false;
    link->out.ready = sim->now + delay(sim, a);
    chunk->p += n;
    chunk->n -= n;
    if (chunk->n == 0) {
        link->first = chunk->next;
        free(chunk);
    }
    wss_written(a->run, id, n, sim->now);
    return true;
}

static bool move_to_peer(struct wsh_sim *sim, struct attempt *a, struct link *link)
{
    const struct wsh_sim_peer *peer = sim->config.peer;
    bool full = link->in.used == link->in.size; /* a peer that cannot write stops reading */
    if (link->out.used > 0 && link->out.ready <= sim->now && !full) {
        size_t n = piece(a, link->out.used);
        if (n > sizeof sim->scratch)
            n = sizeof sim->scratch;
        n = wsh_pipe_take(&link->out, sim->scratch, n);
        if (link->peer_end == WSP_OPEN)
            peer->receive(link->peer, sim->scratch, n, sim->now);
        return true;
    }
    if (link->shut && !link->first && link->out.used == 0 && !link->out.told) {
        link->out.told = true;
        peer->ended(link->peer, false, sim->now);
        return true;
    }
    return false;
}

static bool move_from_peer(struct wsh_sim *sim, struct attempt *a, struct link *link)
{
    const struct wsh_sim_peer *peer = sim->config.peer;
    if (link->peer_end != WSP_OPEN)
        return false;
    const uint8_t *bytes;
    size_t n = peer->output(link->peer, &bytes);
    if (n > 0) {
        n = wsh_pipe_put(&link->in, bytes, n);
        if (n == 0)
            return false;
        link->in.ready = sim->now + delay(sim, a);
        peer->written(link->peer, n, sim->now);
        return true;
    }
    link->peer_end = peer->end(link->peer);
    link->in.ended = link->peer_end != WSP_OPEN;
    return link->in.ended;
}

static bool move_in(struct wsh_sim *sim, struct attempt *a, unsigned id)
{
    struct link *link = &a->links[id];
    if (!link->reading || link->in.told)
        return false;
    if (link->in.used > 0 && link->in.ready <= sim->now) {
        size_t n = piece(a, link->in.used);
        if (n > sizeof sim->scratch)
            n = sizeof sim->scratch;
        n = wsh_pipe_take(&link->in, sim->scratch, n);
        wss_received(a->run, id, sim->scratch, n, sim->now);
        return true;
    }
    if (link->in.used == 0 && link->in.ended) {
        link->in.told = true;
        wss_ended(a->run, id, link->peer_end == WSP_RESET ? WSS_RST : WSS_FIN, sim->now);
        return true;
    }
    return false;
}

static bool tick_peer(struct wsh_sim *sim, struct link *link)
{
    if (link->peer_end != WSP_OPEN || sim->config.peer->deadline(link->peer) > sim->now)
        return false;
    sim->config.peer->tick(link->peer, sim->now);
    /* A peer that leaves its deadline where it was has nothing more to do. */
    return sim->config.peer->deadline(link->peer) > sim->now;
}

static void pump(struct wsh_sim *sim, struct attempt *a);

static bool move_link(struct wsh_sim *sim, struct attempt *a, unsigned id)
{
    struct link *link = &a->links[id];
    if (!link->used)
        return false;
    bool moved = false;
    if (link->connecting && link->connect_at <= sim->now) {
        link_opened(sim, a, id);
        pump(sim, a);
        return true;
    }
    if (!link->open)
        return false;
    moved = move_out(sim, a, id) || moved;
    moved = move_to_peer(sim, a, link) || moved;
    moved = tick_peer(sim, link) || moved;
    moved = move_from_peer(sim, a, link) || moved;
    moved = move_in(sim, a, id) || moved;
    if (moved)
        pump(sim, a);
    return moved;
}

/* ---- attempts ---- */

static void perform(struct wsh_sim *sim, struct attempt *a, const struct wss_action *action)
{
    if (action->kind == WSS_CONNECT || action->kind == WSS_ACCEPT) {
        link_connect(sim, a, action->connection);
        return;
    }
    if (action->kind == WSS_STOP_TARGET || action->kind == WSS_RESTART_TARGET) {
        if (a->task->order)
            a->task->order(a->task, action->kind);
        else
            wss_abort(a->run, "the target's process is not ours", sim->now);
        return;
    }
    struct link *link = action->connection < a->link_count ? &a->links[action->connection] : NULL;
    if (!link || !link->used)
        return;
    switch (action->kind) {
    case WSS_CONNECT:
    case WSS_ACCEPT:
    case WSS_STOP_TARGET:
    case WSS_RESTART_TARGET:
        break;
    case WSS_WRITE:
        link_write(sim, a, link, action->bytes, action->len);
        break;
    case WSS_RENEGOTIATE:
        wss_renegotiated(a->run, action->connection, WSS_IN_CLEAR, NULL, sim->now);
        break;
    case WSS_SHUT:
        link->shut = true;
        break;
    case WSS_RESET:
    case WSS_DROP:
        link_drop(sim, link, action->kind == WSS_RESET);
        break;
    case WSS_STOP_READING:
        link->reading = false;
        break;
    case WSS_START_READING:
        link->reading = true;
        break;
    }
}

static void pump(struct wsh_sim *sim, struct attempt *a)
{
    struct wss_action action;
    while (wss_next(a->run, &action))
        perform(sim, a, &action);
    const char *text = a->task->news ? wss_news(a->run) : NULL;
    if (text)
        a->task->news(a->task, text);
}

static void finish(struct wsh_sim *sim, struct attempt *a)
{
    struct wss_outcome outcome = {0};
    struct wsh_task *task = a->task;
    for (unsigned i = 0; i < a->link_count; i++)
        link_drop(sim, &a->links[i], false);
    wss_finish(a->run, &outcome);
    struct attempt **at = &sim->attempts;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    free(a->links);
    free(a);
    task->attempt = NULL;
    task->done(task, &outcome);
}

static int start(struct wsh_loop *loop, struct wsh_task *task)
{
    struct wsh_sim *sim = (struct wsh_sim *)loop;
    struct attempt *a = calloc(1, sizeof *a);
    if (!a)
        return -1;
    a->task = task;
    a->random = stream_of(sim->config.seed, task->setup.test->id);
    a->cut = sim->config.whole ? CUT_WHOLE : (unsigned)(wsp_chance(&a->random) % CUT_KINDS);
    a->run = wss_start(&task->setup, sim->now);
    if (!a->run) {
        free(a);
        return -1;
    }
    a->next = sim->attempts;
    sim->attempts = a;
    task->attempt = a;
    pump(sim, a);
    return 0;
}

static void abort_task(struct wsh_loop *loop, struct wsh_task *task, const char *why)
{
    struct wsh_sim *sim = (struct wsh_sim *)loop;
    struct attempt *a = task->attempt;
    if (!a)
        return;
    wss_abort(a->run, why, sim->now);
    finish(sim, a);
}

static void tell(struct wsh_loop *loop, struct wsh_task *task, enum wss_target_news news,
                 const char *why)
{
    struct wsh_sim *sim = (struct wsh_sim *)loop;
    struct attempt *a = task->attempt;
    if (!a)
        return;
    wss_target(a->run, news, why, sim->now);
    pump(sim, a);
    if (wss_done(a->run))
        finish(sim, a);
}

/* ---- time ---- */

static void earlier(uint64_t *best, uint64_t time)
{
    if (time < *best)
        *best = time;
}

/* When the next thing happens by itself. */
static uint64_t next_time(const struct wsh_sim *sim)
{
    uint64_t best = UINT64_MAX;
    for (const struct attempt *a = sim->attempts; a; a = a->next) {
        earlier(&best, wss_deadline(a->run));
        for (unsigned i = 0; i < a->link_count; i++) {
            const struct link *link = &a->links[i];
            if (link->used && link->connecting)
                earlier(&best, link->connect_at);
            if (!link->open)
                continue;
            if (link->out.used > 0 && link->out.ready > sim->now)
                earlier(&best, link->out.ready);
            if (link->in.used > 0 && link->in.ready > sim->now && link->reading)
                earlier(&best, link->in.ready);
            if (link->peer_end == WSP_OPEN) {
                uint64_t due = sim->config.peer->deadline(link->peer);
                if (due > sim->now)
                    earlier(&best, due);
            }
        }
    }
    return best;
}

/* Moves everything once; then those that are done leave. */
static bool pass(struct wsh_sim *sim, bool *left)
{
    bool moved = false;
    struct attempt *next;
    for (struct attempt *a = sim->attempts; a; a = next) {
        next = a->next;
        for (unsigned i = 0; i < a->link_count && !wss_done(a->run); i++)
            moved = move_link(sim, a, i) || moved;
        if (wss_done(a->run)) {
            finish(sim, a);
            *left = true;
        }
    }
    return moved;
}

/* Deadlines are judged only when a pass has found nothing to move. */
static bool judge(struct wsh_sim *sim)
{
    bool ticked = false;
    struct attempt *next;
    for (struct attempt *a = sim->attempts; a; a = next) {
        next = a->next;
        if (wss_deadline(a->run) > sim->now)
            continue;
        wss_tick(a->run, sim->now);
        pump(sim, a);
        ticked = true;
        if (wss_done(a->run))
            finish(sim, a);
    }
    return ticked;
}

static void turn(struct wsh_loop *loop, uint64_t until)
{
    struct wsh_sim *sim = (struct wsh_sim *)loop;
    bool left = false;
    while (pass(sim, &left) && !left)
        ;
    if (left || judge(sim))
        return;
    uint64_t next = next_time(sim);
    earlier(&next, until);
    assert(next != UINT64_MAX); /* nobody would ever wake */
    if (next > sim->now)
        sim->now = next;
}

static uint64_t loop_now(struct wsh_loop *loop)
{
    return ((const struct wsh_sim *)loop)->now;
}

struct wsh_sim *wsh_sim_new(const struct wsh_sim_config *config)
{
    struct wsh_sim *sim = calloc(1, sizeof *sim);
    if (!sim)
        return NULL;
    sim->base = (struct wsh_loop){
        .now = loop_now, .start = start, .turn = turn, .abort = abort_task, .tell = tell};
    sim->config = *config;
    if (!sim->config.peer)
        sim->config.peer = &wsh_sim_reference;
    sim->now = 1000000; /* not 0, so that a wrong origin shows */
    return sim;
}

void wsh_sim_free(struct wsh_sim *sim)
{
    if (!sim)
        return;
    assert(!sim->attempts);
    free(sim);
}

struct wsh_loop *wsh_sim_loop(struct wsh_sim *sim)
{
    return &sim->base;
}
