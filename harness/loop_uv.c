#include "uv_parts.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The loop looks at the clock at least this often, so that a stop of the whole process shows. */
enum { BEAT_MS = 50 };
/* Lateness below this is scheduling, not worth moving deadlines. */
enum { LATE_MS = 10 };

static struct wsh_uv *of(struct wsh_loop *loop)
{
    return (struct wsh_uv *)loop; /* `base` is its first member */
}

uint64_t wsh_uv_now(void)
{
    return uv_hrtime() / 1000000;
}

uv_loop_t *wsh_uv_handle(struct wsh_uv *uv)
{
    return &uv->loop;
}

/* ---- attempts ---- */

static bool slot(struct wsh_attempt *attempt, unsigned id)
{
    if (id < attempt->conn_room)
        return true;
    unsigned room = id + 8;
    struct wsh_conn **list = realloc(attempt->conns, room * sizeof(struct wsh_conn *));
    if (!list)
        return false;
    memset(list + attempt->conn_room, 0, (room - attempt->conn_room) * sizeof(struct wsh_conn *));
    attempt->conns = list;
    attempt->conn_room = room;
    return true;
}

static void open_connection(struct wsh_attempt *attempt, unsigned id, const struct wss_how *how)
{
    struct wsh_conn *conn = slot(attempt, id) ? wsh_conn_new(attempt->uv) : NULL;
    if (!conn) {
        wss_abort(attempt->run, "out of memory or file descriptors", wsh_uv_now());
        return;
    }
    conn->attempt = attempt;
    conn->id = id;
    conn->address = attempt->uv->good_address;
    conn->how = *how;
    attempt->conns[id] = conn;
    wsh_conn_connect(conn);
}

static void perform(struct wsh_attempt *attempt, const struct wss_action *action)
{
    struct wsh_conn *conn =
        action->connection < attempt->conn_room ? attempt->conns[action->connection] : NULL;
    switch (action->kind) {
    case WSS_CONNECT:
        open_connection(attempt, action->connection, action->how);
        break;
    case WSS_ACCEPT:
        if (slot(attempt, action->connection))
            wsh_listen_want(attempt, action->connection);
        else
            wss_starve(attempt->run, wsh_uv_now());
        break;
    case WSS_WRITE:
        if (conn)
            wsh_conn_write(conn, action->bytes, action->len);
        break;
    case WSS_SHUT:
        if (conn)
            wsh_conn_shut(conn);
        break;
    case WSS_RESET:
    case WSS_DROP:
        if (conn)
            wsh_conn_drop(conn, action->kind == WSS_RESET);
        break;
    case WSS_RENEGOTIATE:
        if (conn)
            wsh_conn_renegotiate(conn);
        break;
    case WSS_STOP_READING:
        if (conn)
            wsh_conn_stop(conn);
        break;
    case WSS_START_READING:
        if (conn)
            wsh_conn_start(conn);
        break;
    case WSS_STOP_TARGET:
    case WSS_RESTART_TARGET:
        if (attempt->task->order)
            attempt->task->order(attempt->task, action->kind);
        else
            wss_abort(attempt->run, "the target's process is not ours", wsh_uv_now());
        break;
    }
}

static void finish(struct wsh_attempt *attempt)
{
    struct wsh_task *task = attempt->task;
    struct wss_outcome outcome = {0};
    /* First the sockets: pending writes point into the run's memory. */
    for (unsigned i = 0; i < attempt->conn_room; i++)
        if (attempt->conns[i])
            wsh_conn_drop(attempt->conns[i], false);
    wsh_listen_forget(attempt);
    wss_finish(attempt->run, &outcome);
    *attempt->link = attempt->next;
    if (attempt->next)
        attempt->next->link = attempt->link;
    free(attempt->conns);
    free(attempt);
    task->attempt = NULL;
    task->done(task, &outcome);
}

void wsh_attempt_pump(struct wsh_attempt *attempt)
{
    if (attempt->pumping)
        return;
    attempt->pumping = true;
    struct wss_action action;
    while (wss_next(attempt->run, &action))
        perform(attempt, &action);
    attempt->pumping = false;
    if (attempt->task->news) {
        const char *text = wss_news(attempt->run);
        if (text)
            attempt->task->news(attempt->task, text);
    }
    if (wss_done(attempt->run))
        finish(attempt);
}

static int start(struct wsh_loop *loop, struct wsh_task *task)
{
    struct wsh_uv *uv = of(loop);
    struct wsh_attempt *attempt = calloc(1, sizeof *attempt);
    if (!attempt)
        return -1;
    attempt->uv = uv;
    attempt->task = task;
    attempt->run = wss_start(&task->setup, wsh_uv_now());
    if (!attempt->run) {
        free(attempt);
        return -1;
    }
    attempt->next = uv->attempts;
    attempt->link = &uv->attempts;
    if (attempt->next)
        attempt->next->link = &attempt->next;
    uv->attempts = attempt;
    task->attempt = attempt;
    wsh_attempt_pump(attempt);
    return 0;
}

static void abort_task(struct wsh_loop *loop, struct wsh_task *task, const char *why)
{
    (void)loop;
    struct wsh_attempt *attempt = task->attempt;
    if (!attempt)
        return;
    wss_abort(attempt->run, why, wsh_uv_now());
    finish(attempt);
}

static void tell(struct wsh_loop *loop, struct wsh_task *task, enum wss_target_news news,
                 const char *why)
{
    (void)loop;
    struct wsh_attempt *attempt = task->attempt;
    if (!attempt)
        return;
    wss_target(attempt->run, news, why, wsh_uv_now());
    wsh_attempt_pump(attempt);
}

/* ---- time ---- */

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

/* Deadlines are judged in on_check.  libuv runs a due timer before it polls, and would then poll
 * without a limit: the idle handle makes that poll a glance. */
static void on_wake(uv_timer_t *timer)
{
    struct wsh_uv *uv = timer->loop->data;
    uv_idle_start(&uv->hurry, on_idle);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct wsh_uv *uv = prepare->loop->data;
    uv->timeout = uv_backend_timeout(&uv->loop);
    uv->polled_at = wsh_uv_now();
}

/* How much later than it should this pass is: we were busy, or the poll overslept because the
 * process or the machine stood still. */
static uint64_t lateness(const struct wsh_uv *uv, uint64_t now)
{
    uint64_t late = uv->polled_at - uv->checked_at;
    uint64_t due = uv->polled_at + (uint64_t)(uv->timeout > 0 ? uv->timeout : 0);
    if (now > due)
        late += now - due;
    return late >= LATE_MS ? late : 0;
}

/* True when the attempt needs one more pass before its deadline may be judged. */
static bool judge(struct wsh_attempt *attempt, uint64_t now)
{
    if (now < wss_deadline(attempt->run)) {
        attempt->armed = false;
    } else if (!attempt->armed && now < wss_cap(attempt->run)) {
        attempt->armed = true;
        return true;
    } else {
        attempt->armed = false;
        wss_tick(attempt->run, now);
        wsh_attempt_pump(attempt);
    }
    return false;
}

static void on_check(uv_check_t *check)
{
    struct wsh_uv *uv = check->loop->data;
    uint64_t now = wsh_uv_now(), late = lateness(uv, now);
    bool hurry = false;
    struct wsh_attempt *next;
    for (struct wsh_attempt *a = uv->attempts; a; a = next) {
        next = a->next;
        if (late)
            wss_late(a->run, late);
        hurry = judge(a, now) || hurry;
    }
    if (hurry)
        uv_idle_start(&uv->hurry, on_idle);
    else
        uv_idle_stop(&uv->hurry);
    uv->checked_at = now;
}

static void turn(struct wsh_loop *loop, uint64_t until)
{
    struct wsh_uv *uv = of(loop);
    uint64_t now = wsh_uv_now();
    for (const struct wsh_attempt *a = uv->attempts; a; a = a->next)
        if (!a->armed && wss_deadline(a->run) < until)
            until = wss_deadline(a->run);
    uint64_t wait = until > now ? until - now : 0;
    uv_update_time(&uv->loop);
    /* It repeats: libuv runs a timer that is due before it polls, and would then wait for ever. */
    uv_timer_start(&uv->wake, on_wake, wait < BEAT_MS ? wait : BEAT_MS, BEAT_MS);
    if (wait == 0)
        uv_idle_start(&uv->hurry, on_idle);
    uv_run(&uv->loop, UV_RUN_ONCE);
}

static uint64_t loop_now(struct wsh_loop *loop)
{
    (void)loop;
    return wsh_uv_now();
}

/* ---- the loop ---- */

struct wsh_uv *wsh_uv_new(void)
{
    struct wsh_uv *uv = calloc(1, sizeof *uv);
    if (!uv)
        return NULL;
    if (uv_loop_init(&uv->loop) != 0) {
        free(uv);
        return NULL;
    }
    signal(SIGPIPE, SIG_IGN);
    uv->base = (struct wsh_loop){
        .now = loop_now, .start = start, .turn = turn, .abort = abort_task, .tell = tell};
    uv->loop.data = uv;
    uv_timer_init(&uv->loop, &uv->wake);
    uv_prepare_init(&uv->loop, &uv->prepare);
    uv_check_init(&uv->loop, &uv->check);
    uv_idle_init(&uv->loop, &uv->hurry);
    uv_prepare_start(&uv->prepare, on_prepare);
    uv_check_start(&uv->check, on_check);
    uv->checked_at = wsh_uv_now();
    return uv;
}

static void close_any(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void wsh_uv_free(struct wsh_uv *uv)
{
    if (!uv)
        return;
    assert(!uv->attempts);
    wsh_listen_close(uv);
    while (uv->handles > 0)
        uv_run(&uv->loop, UV_RUN_NOWAIT);
    uv_walk(&uv->loop, close_any, NULL);
    uv_run(&uv->loop, UV_RUN_DEFAULT);
    uv_loop_close(&uv->loop);
    free(uv->socket_path);
    free(uv->proxy_request);
    free(uv);
}

struct wsh_loop *wsh_uv_loop(struct wsh_uv *uv)
{
    return &uv->base;
}

/* ---- signals ---- */

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    struct wsh_uv *uv = handle->loop->data;
    *uv->interrupted = true;
    for (size_t i = 0; i < 3; i++)
        uv_signal_stop(&uv->signals[i]);
}

int wsh_uv_catch(struct wsh_uv *uv, bool *interrupted)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGHUP};
    uv->interrupted = interrupted;
    for (size_t i = 0; i < 3; i++) {
        if (uv_signal_init(&uv->loop, &uv->signals[i]) != 0 ||
            uv_signal_start(&uv->signals[i], on_signal, numbers[i]) != 0)
            return -1;
        uv_unref((uv_handle_t *)&uv->signals[i]);
    }
    return 0;
}
