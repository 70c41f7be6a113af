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
    (void)context;
    printf("listening on ws://127.0.0.1:%u/\n", port);
    fflush(stdout);
}

static int serve(const struct texts *mutants, uint64_t seed, unsigned port, bool idle)
{
    bool stop = false;
    char error[200] = "out of memory";
    struct wsp_world world = {.seed = seed};
    struct texts ids = *mutants;
    texts_add(&ids, NULL);
    struct wsp_config config = {.filters = ids.list, .idle = idle, .world = &world};
    struct wsh_uv *uv = wsh_uv_new();
    int status = uv ? wsh_uv_catch(uv, &stop) : -1;
    if (status == 0)
        status = wsh_serve(uv, &config, port, say_ready, NULL, &stop, error, sizeof error);
    wsh_uv_free(uv);
    if (status != 0)
        return usage_error(&peer_command, "%s", error);
    if (mutants->count > 0)
        fprintf(stderr, "fired %u times on %u connections\n", world.fired, world.connections);
    return world.dead ? EXIT_UNEXPECTED : EXIT_EXPECTED;
}

static int run_peer(int count, char **arguments)
{
    struct texts rest = {0}, mutants = {0};
    uint64_t port = 0, seed = 1;
    bool list = false, idle = false;
    const struct option options[] = {
        {.kind = OPTION_NUMBER,
         .name = "port",
         .value = "N",
         .what = "listen on this port of 127.0.0.1",
         .slot = &port,
         .least = 0,
         .most = 65535},
        {.kind = OPTION_LIST,
         .name = "mutant",
         .value = "ID",
         .what = "break one requirement, or take one liberty; the first is next to the wire",
         .slot = &mutants},
        {.kind = OPTION_FLAG,
         .name = "idle",
         .what = "mutants stand in the path and do nothing",
         .slot = &idle},
        {.kind = OPTION_FLAG,
         .name = "list-mutants",
         .what = "print all mutants and liberties",
         .slot = &list},
        {.kind = OPTION_NUMBER,
         .name = "seed",
         .value = "N",
         .what = "of what is drawn at random",
         .slot = &seed,
         .most = UINT64_MAX},
        {0}};
    int read = options_read(&peer_command, options, count, arguments, &rest);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (rest.count > 0)
        return usage_error(&peer_command, "expected options only, found \"%s\"", rest.list[0]);
    if (list) {
        list_filters("Mutants:", wsp_mutant_at);
        list_filters("Liberties:", wsp_liberty_at);
        return EXIT_EXPECTED;
    }
    for (size_t i = 0; i < mutants.count; i++)
        if (!wsp_filter(mutants.list[i]))
            return usage_error(&peer_command, "--mutant: unknown id \"%s\": see --list-mutants",
                               mutants.list[i]);
    return serve(&mutants, seed, (unsigned)port, idle);
}

const struct command peer_command = {
    .name = "peer",
    .usage = "[OPTION…]",
    .what = "serve the reference endpoint, or a mutant of it, on a port of 127.0.0.1",
    .more = "It echoes messages and ends on SIGINT or SIGTERM.  Without --port a free port is "
            "taken and printed.\n",
    .run = run_peer,
};
