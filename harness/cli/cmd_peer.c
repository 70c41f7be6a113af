/* peer: the core's own endpoint behind a TCP listener. */
#include "commands.h"

#include <stdio.h>
#include <string.h>
#include <wsh/serve.h>

static void list_filters(const char *heading, const struct wsp_filter_info *(*at)(size_t))
{
    printf("%s\n", heading);
    for (size_t i = 0; at(i); i++) {
        const struct wsp_filter_info *info = at(i);
        printf("  %-34s %-9s %-15s %s\n", info->id, info->kind, info->requirement, info->what);
        if (info->killed_by)
            printf("  %-34s killed by %s\n", "", info->killed_by);
    }
}

static void say_ready(void *context, unsigned port)
{
    const char *scheme = context;
    printf("listening on %s://127.0.0.1:%u/\n", scheme, port);
    fflush(stdout);
}

struct peer_arguments {
    struct texts mutants, liberties;
    const char *certificate, *key;
    uint64_t port, seed, max_message, at_once;
    bool tls, list, idle;
};

static int listen_and_serve(const struct peer_arguments *a, const struct wsp_config *config,
                            struct wsh_tls_context *tls)
{
    bool stop = false;
    char error[200] = "out of memory", scheme[] = "wss";
    scheme[tls ? 3 : 2] = '\0';
    struct wsh_uv *uv = wsh_uv_new();
    int status = uv ? wsh_uv_catch(uv, &stop) : -1;
    if (status == 0)
        status = wsh_serve(uv, config, tls, (unsigned)a->port, (unsigned)a->at_once, say_ready,
                           scheme, &stop, error, sizeof error);
    wsh_uv_free(uv);
    return status == 0 ? 0 : usage_error(&peer_command, "%s", error);
}

static int serve(const struct peer_arguments *a)
{
    char error[400];
    struct wsp_world world = {.seed = a->seed};
    struct texts ids = a->mutants;
    texts_add(&ids, NULL);
    struct wsp_config config = {
        .filters = ids.list, .idle = a->idle, .max_message = a->max_message, .world = &world};
    struct wsh_tls_context *tls = NULL;
    if (a->tls || a->certificate) {
        tls = wsh_tls_server(a->certificate, a->key ? a->key : a->certificate, error, sizeof error);
        if (!tls)
            return usage_error(&peer_command, "%s", error);
    }
    int code = listen_and_serve(a, &config, tls);
    wsh_tls_context_free(tls);
    if (code != 0)
        return code;
    if (a->mutants.count > 0)
        fprintf(stderr, "fired %u times on %u connections\n", world.fired, world.connections);
    return world.dead ? EXIT_UNEXPECTED : EXIT_EXPECTED;
}

static const struct wsp_filter_info *liberty(const char *id, size_t len)
{
    const struct wsp_filter_info *info;
    for (size_t i = 0; (info = wsp_liberty_at(i)) != NULL; i++)
        if (strlen(info->id) == len && memcmp(info->id, id, len) == 0)
            return info;
    return NULL;
}

/* "a,b,c" joins the mutants, in this order; the id that is unknown, or NULL. */
static const char *add_liberties(struct texts *ids, const char *list)
{
    for (const char *id = list; *id;) {
        size_t len = strcspn(id, ",");
        const struct wsp_filter_info *info = liberty(id, len);
        if (!info)
            return id;
        texts_add(ids, info->id);
        id += len + (id[len] == ',');
    }
    return NULL;
}

static const char *first_unknown(struct peer_arguments *a)
{
    for (size_t i = 0; i < a->mutants.count; i++)
        if (!wsp_filter(a->mutants.list[i]))
            return a->mutants.list[i];
    for (size_t i = 0; i < a->liberties.count; i++) {
        const char *unknown = add_liberties(&a->mutants, a->liberties.list[i]);
        if (unknown)
            return unknown;
    }
    return NULL;
}

static int run_peer(int count, char **arguments)
{
    struct texts rest = {0};
    struct peer_arguments a = {.seed = 1};
    const struct option options[] = {
        {.kind = OPTION_NUMBER,
         .name = "port",
         .value = "N",
         .what = "listen on this port of 127.0.0.1",
         .slot = &a.port,
         .least = 0,
         .most = 65535},
        {.kind = OPTION_FLAG,
         .name = "tls",
         .what = "speak TLS, with a certificate for localhost made for this once",
         .slot = &a.tls},
        {.kind = OPTION_TEXT,
         .name = "cert",
         .value = "FILE",
         .what = "speak TLS, with this certificate (PEM)",
         .slot = &a.certificate},
        {.kind = OPTION_TEXT,
         .name = "key",
         .value = "FILE",
         .what = "its key, if it is not in the same file",
         .slot = &a.key},
        {.kind = OPTION_LIST,
         .name = "mutant",
         .value = "ID",
         .what = "break one requirement, or take one liberty; the first is next to the wire",
         .slot = &a.mutants},
        {.kind = OPTION_LIST,
         .name = "liberty",
         .value = "ID,ID…",
         .what = "take these liberties, the first next to the wire",
         .slot = &a.liberties},
        {.kind = OPTION_FLAG,
         .name = "idle",
         .what = "mutants stand in the path and do nothing",
         .slot = &a.idle},
        {.kind = OPTION_FLAG,
         .name = "list-mutants",
         .what = "print all mutants and liberties",
         .slot = &a.list},
        {.kind = OPTION_NUMBER,
         .name = "seed",
         .value = "N",
         .what = "of what is drawn at random",
         .slot = &a.seed,
         .most = UINT64_MAX},
        {.kind = OPTION_NUMBER,
         .name = "max-message",
         .value = "BYTES",
         .what = "fail a larger message with 1009 (16 MiB)",
         .slot = &a.max_message,
         .least = 1,
         .most = SIZE_MAX},
        {.kind = OPTION_NUMBER,
         .name = "at-once",
         .value = "N",
         .what = "serve so many connections at a time; the next waits until one of them ends",
         .slot = &a.at_once,
         .least = 1,
         .most = 4000},
        {0}};
    int read = options_read(&peer_command, options, count, arguments, &rest);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (rest.count > 0)
        return usage_error(&peer_command, "expected options only, found \"%s\"", rest.list[0]);
    if (a.list) {
        list_filters("Mutants:", wsp_mutant_at);
        list_filters("Liberties:", wsp_liberty_at);
        return EXIT_EXPECTED;
    }
    const char *unknown = first_unknown(&a);
    if (unknown)
        return usage_error(&peer_command, "unknown id \"%s\": see --list-mutants", unknown);
    return serve(&a);
}

const struct command peer_command = {
    .name = "peer",
    .usage = "[OPTION…]",
    .what = "serve the reference endpoint, or a mutant of it, on a port of 127.0.0.1",
    .more = "It echoes messages and ends on SIGINT or SIGTERM.  Without --port a free port is "
            "taken and printed.\n",
    .run = run_peer,
};
