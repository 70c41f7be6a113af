/* drive.c - how fast the harness drives servers, side by side.
 *
 *     wsh-bench [--short] [NAME=COMMAND]…
 *
 * The load is a script like any other: messages and their echoes, one or sixteen in flight, on
 * eight connections.  Every message is judged as in a case: each byte by the rules, each echo
 * compared. All servers run for the whole time and take turns; figures are medians.  Beside them
 * stands what the first one takes of a loop that only writes and reads: the kernel's share.
 */
#include "bare.h"

#include <wsh/batch.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wsh/loop_uv.h>
#include <wsh/spawn.h> /* wsh_free_port */
#include <wsh/usage.h>
#include <wsq/text.h>

enum { CONNECTIONS = 8, TURNS = 3, CONTENDERS_MAX = 8, CAP_MS = 120000, LAUNCH_TRIES = 200 };

struct load {
    const char *name;
    unsigned in_flight, size, messages; /* messages a connection and turn */
    const char *payload;
};

/* The payload is one literal, or made by the case's generator. */
static const struct load loads[] = {
    {"64 B, 1 in flight", 1, 64, 1000, "text prose(64)"},
    {"64 B, 16 in flight", 16, 64, 16000, "text prose(64)"},
    {"4 KiB, 1 in flight", 1, 4096, 500, "binary random(4096)"},
    {"4 KiB, 16 in flight", 16, 4096, 2000, "binary random(4096)"},
    {"1 MiB, 1 in flight", 1, 1 << 20, 20, "binary random(1048576)"},
};
enum { LOADS = sizeof loads / sizeof loads[0] };

struct figure {
    double wall, own, theirs; /* seconds */
};

struct contender {
    const char *name;
    const char *command; /* NULL: bare, against the server before it */
    unsigned port;
    struct wsh_uv *uv;
    pid_t group; /* of its process; 0: none */
    struct wss_profile profile;
    char authority[40];
    struct figure turns[LOADS][TURNS];
    char failed[200];
};

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- a load ---- */

static char *script_of(const struct load *load, unsigned messages)
{
    struct wsq_text out = {0};
    wsq_text_printf(&out,
                    "case bench/load\n  title  Messages come back\n\n  > GET\n  < 101\n"
                    "  repeat %u\n",
                    messages / load->in_flight);
    for (unsigned i = 0; i < load->in_flight; i++)
        wsq_text_printf(&out, "    > %s\n", load->payload);
    for (unsigned i = 0; i < load->in_flight; i++)
        wsq_text_puts(&out, "    < echo\n");
    return wsq_text_take(&out, NULL);
}

static bool plan(struct wss_plan *out, const char *script)
{
    struct wsn_errors errors = {0};
    struct wss_settings none = {0};
    struct wsn_file *file = wsn_parse(out->arena, "bench.wst", script, strlen(script), &errors);
    if (file)
        wss_plan_add(out, file, &none, &errors);
    return out->count == 1;
}

/* False: contender->failed says why. */
static bool run(struct contender *c, const char *script, unsigned connections)
{
    struct wsn_arena arena = {0};
    struct wss_plan cases = {.arena = &arena};
    struct wsh_batch_item items[CONNECTIONS] = {0};
    bool good = script && plan(&cases, script);
    c->profile.authority = c->authority;
    for (unsigned i = 0; i < connections && good; i++)
        items[i].task.setup = (struct wss_setup){.test = &cases.cases[0],
                                                 .profile = &c->profile,
                                                 .seed = i,
                                                 .patience_ms = 10000,
                                                 .cap_ms = CAP_MS};
    if (good)
        wsh_batch_run(wsh_uv_loop(c->uv), items, connections, NULL);
    for (unsigned i = 0; i < connections; i++) {
        const struct wsq_case *result = &items[i].outcome.result;
        bool passed = items[i].done && result->verdict == WSQ_PASS;
        if (!passed && good)
            snprintf(c->failed, sizeof c->failed, "%s", result->reason ? result->reason : "?");
        good = good && passed;
        if (items[i].done)
            wss_outcome_drop(&items[i].outcome);
    }
    wsn_arena_drop(&arena);
    return good;
}

static void run_bare(struct contender *c, const struct load *load, unsigned messages)
{
    struct bare_load bare = {.port = c->port,
                             .connections = CONNECTIONS,
                             .rounds = messages / load->in_flight,
                             .in_flight = load->in_flight,
                             .size = load->size};
    bare_run(&bare, c->failed, sizeof c->failed);
}

static void measure(struct contender *c, size_t which, size_t turn, unsigned messages)
{
    char *script = script_of(&loads[which], messages);
    uint64_t theirs = wsh_usage_group_ms(c->group);
    double wall = seconds(CLOCK_MONOTONIC), own = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!c->failed[0] && !c->command)
        run_bare(c, &loads[which], messages);
    else if (!c->failed[0])
        run(c, script, CONNECTIONS);
    c->turns[which][turn] =
        (struct figure){.wall = seconds(CLOCK_MONOTONIC) - wall,
                        .own = seconds(CLOCK_PROCESS_CPUTIME_ID) - own,
                        .theirs = (double)(wsh_usage_group_ms(c->group) - theirs) / 1000};
    free(script);
}

/* ---- servers ---- */

/* Not wsh_spawn: that knows of one target a process. */
static pid_t spawn(const char *command, unsigned port)
{
    const char *hole = strstr(command, "{port}");
    char *line = hole ? wsq_format("exec %.*s%u%s", (int)(hole - command), command, port,
                                   hole + strlen("{port}"))
                      : NULL;
    pid_t child = line ? fork() : -1;
    if (child == 0) {
        setpgid(0, 0);
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
        _exit(127);
    }
    if (child > 0)
        setpgid(child, child);
    free(line);
    return child > 0 ? child : 0;
}

static bool start(struct contender *c)
{
    char error[300];
    c->port = wsh_free_port();
    c->uv = wsh_uv_new();
    snprintf(c->authority, sizeof c->authority, "127.0.0.1:%u", c->port);
    c->profile = (struct wss_profile){
        .host = "127.0.0.1", .port = c->port, .authority = c->authority, .path = "/"};
    if (!c->uv || wsh_uv_target(c->uv, "127.0.0.1", c->port, error, sizeof error) != 0)
        return false;
    c->group = spawn(c->command, c->port);
    for (unsigned i = 0; i < LAUNCH_TRIES && c->group; i++) {
        c->failed[0] = '\0';
        if (run(c, "case bench/up\n  title  It is there\n\n  > GET\n  < 101\n", 1))
            return true;
        if (waitpid(c->group, NULL, WNOHANG) == c->group)
            c->group = 0;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
    fprintf(stderr, "%s: %s: it does not answer: %s\n", c->name, c->command, c->failed);
    return false;
}

/* Nothing of its own: the server is the one before. */
static void start_bare(struct contender *c, const struct contender *before)
{
    c->port = before->port;
    c->group = before->group;
}

static void stop(struct contender *c)
{
    if (!c->command)
        return;
    if (c->group) {
        kill(-c->group, SIGTERM);
        waitpid(c->group, NULL, 0);
    }
    wsh_uv_free(c->uv);
}

/* ---- figures ---- */

static int by_own(const void *a, const void *b)
{
    const struct figure *x = a, *y = b;
    return (x->own > y->own) - (x->own < y->own);
}

static struct figure median(struct figure *turns, size_t count)
{
    qsort(turns, count, sizeof *turns, by_own);
    return turns[count / 2];
}

static void print(struct contender *list, size_t count, size_t turns, unsigned share)
{
    printf(
        "| load | server | messages/s | MB/s | our CPU, µs a message | messages per CPU second of "
        "ours | server's CPU ÷ ours | our CPU, beside the first |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < LOADS; i++) {
        double first = 0;
        for (size_t k = 0; k < count; k++) {
            struct contender *c = &list[k];
            if (c->failed[0]) {
                printf("| %s | %s | %s |\n", loads[i].name, c->name, c->failed);
                continue;
            }
            double messages = (double)CONNECTIONS * (loads[i].messages / share);
            struct figure f = median(c->turns[i], turns);
            first = first > 0 ? first : f.own;
            printf("| %s | %s | %.0f | %.1f | %.2f | %.0f | %.2f | %.2fx |\n", loads[i].name,
                   c->name, messages / f.wall, messages * loads[i].size / f.wall / 1e6,
                   f.own / messages * 1e6, messages / f.own, f.theirs / f.own, f.own / first);
        }
    }
}

/* ---- the program ---- */

static size_t own_contenders(struct contender *list)
{
    size_t count = 0;
#ifdef BENCH_PEER
    list[count++] = (struct contender){.name = "the core's peer", .command = BENCH_PEER};
    list[count++] = (struct contender){.name = "the same, nothing but the kernel"};
#endif
#ifdef BENCH_LWS
    list[count++] = (struct contender){.name = "libwebsockets", .command = BENCH_LWS};
#endif
#ifdef BENCH_WS
    list[count++] = (struct contender){.name = "ws", .command = BENCH_WS};
#endif
    return count;
}

int main(int argc, char **argv)
{
    static struct contender list[CONTENDERS_MAX];
    size_t count = own_contenders(list), turns = TURNS;
    unsigned share = 1;
    for (int i = 1; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (strcmp(argv[i], "--short") == 0) {
            turns = 1;
            share = 5;
        } else if (equals && count < CONTENDERS_MAX) {
            *equals = '\0';
            list[count++] = (struct contender){.name = argv[i], .command = equals + 1};
        } else {
            fprintf(stderr, "usage: wsh-bench [--short] [NAME=COMMAND]…   {port} in COMMAND\n");
            return 2;
        }
    }
    size_t up = 0, failed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!list[i].command && up)
            start_bare(&list[i], &list[up - 1]);
        if (list[i].command ? start(&list[i]) : up > 0)
            list[up++] = list[i];
        else
            stop(&list[i]);
    }
    for (size_t turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < LOADS; i++)
            for (size_t k = 0; k < up; k++)
                measure(&list[(k + turn) % up], i, turn, loads[i].messages / share);
    print(list, up, turns, share);
    for (size_t i = 0; i < up; i++) {
        failed += list[i].failed[0] != '\0';
        stop(&list[i]);
    }
    return up == count && failed == 0 ? 0 : 1;
}
