#include "suite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/select.h>

/* What the site of our own servers has: harness/peers/site.c. */
#define SITE                                                                                       \
    {"subprotocol", "chat", 4}, {"protected", "/protected", 10}, {"token", "secret-token", 12},    \
        {"basic", "d3Nwcm9vZjpzZWNyZXQ=", 20}, {"bundled", "1", 1}, {"moved", "/moved", 6},        \
        {"unserved", "/nowhere", 8}, {"protocols", "chat, echo", 10},                              \
        {"own_origin", "http://good.example", 19}, {"foreign_origin", "http://evil.invalid", 19},  \
        {"closing", "/close/4000", 12},                                                            \
    {                                                                                              \
        "closing_code", "4000", 4                                                                  \
    }

static const struct wss_setting settings_list[] = {
    SITE, {"message_limit", "16777216", 8}, {"rounds", "1", 1}};
enum { SETTINGS = sizeof settings_list / sizeof *settings_list, DEAR = 1 };
static const struct wss_settings settings = {settings_list, SETTINGS};
/* Without the last ones: what needs those is dear, and runs alone. */
static const struct wss_settings cheap = {settings_list, SETTINGS - DEAR};

/* Hundreds of peers meet the cases, so what is too big for them is smaller. */
enum { SMALL_LIMIT = 4 << 20 };
static const struct wss_setting small_list[] = {SITE, {"message_limit", "4194304", 7}};
static const struct wss_settings small = {small_list, sizeof small_list / sizeof *small_list};

static void die(const char *what)
{
    fprintf(stderr, "suite: %s\n", what);
    exit(1);
}

static char *read_whole(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0) {
        rewind(file);
        text = malloc((size_t)size + 1);
    }
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size)
        die(path);
    fclose(file);
    *length = (size_t)size;
    return text;
}

static void add_file(struct wss_plan *plan, const char *path, const struct wss_settings *site)
{
    size_t length;
    char *text = read_whole(path, &length);
    struct wsn_errors errors = {0};
    struct wsn_file *file = wsn_parse(plan->arena, path, text, length, &errors);
    if (!file)
        die("out of memory");
    wsn_link(plan->arena, file, NULL, NULL, &errors);
    wss_plan_add(plan, file, site, &errors);
    struct wsn_buffer out = {0};
    for (size_t i = 0; i < errors.count; i++)
        wsn_error_print(file, &errors.list[i], &out);
    if (errors.total > 0)
        die(out.p);
    free(text);
}

static int is_script(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 4 && strcmp(entry->d_name + n - 4, ".wst") == 0;
}

static void add_folder(struct wss_plan *plan, const char *folder, const struct wss_settings *site)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_script, alphasort);
    if (count < 0)
        die(folder);
    for (int i = 0; i < count; i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        add_file(plan, path, site);
        free(entries[i]);
    }
    free(entries);
}

static void load(struct wss_plan *plan, struct wsn_arena *arena, const struct wss_settings *site)
{
    if (plan->arena)
        return;
    plan->arena = arena;
    add_folder(plan, WSPROOF_SOURCE_DIR "/corpus/cases", site);
    add_folder(plan, WSPROOF_SOURCE_DIR "/corpus/scenarios", site);
    add_file(plan, WSPROOF_SOURCE_DIR "/harness/tests/client.wst", site);
}

const struct wss_plan *suite_plan(void)
{
    static struct wsn_arena arena;
    static struct wss_plan plan;
    load(&plan, &arena, &settings);
    return &plan;
}

const struct wss_plan *suite_small_plan(void)
{
    static struct wsn_arena arena;
    static struct wss_plan plan;
    load(&plan, &arena, &small);
    return &plan;
}

static void on_begun(void *context, const struct wsq_run *run)
{
    struct suite_run *suite = context;
    (void)run;
    suite->world.fired = 0;
}

/* A target that can be started again when a mutant has killed it. */
struct reborn {
    struct wsh_target base;
    struct wsp_world *world;
};

static int launch(struct wsh_target *target, char *error, size_t size)
{
    (void)error;
    (void)size;
    ((struct reborn *)target)->world->dead = false;
    return 0;
}

static bool dead(struct wsh_target *target)
{
    return ((const struct reborn *)target)->world->dead;
}

static const char *last_words(struct wsh_target *target)
{
    (void)target;
    return "";
}

/* Everything that any chosen case needs. */
static const char **needs_of(const struct wss_plan *plan, const bool *selected, size_t *count)
{
    const char **list = NULL;
    *count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct wss_case *c = &plan->cases[i];
        for (size_t k = 0; selected[i] && k < c->need_count; k++) {
            const char **more = realloc(list, (*count + 1) * sizeof *more);
            if (!more)
                die("out of memory");
            list = more;
            list[(*count)++] = c->needs[k];
        }
    }
    return list;
}

/* A team's scenarios may insist on more than the RFC does; the liberties are a server's. */
static bool is_for_any_server(const struct wss_case *c)
{
    return !c->server_role && !strstr(c->file, "/scenarios/");
}

/* What only sizes and counts tell from other cases. */
static bool is_big(const struct wss_case *c)
{
    return strstr(c->file, "/volume.wst") != NULL;
}

/* Which cases, against which peer. */
struct order {
    const char *only; /* NULL: all */
    const char *const *filters;
    bool idle;
    bool any_server;
    bool small;           /* the peer takes messages of SMALL_LIMIT, and big cases are left out */
    unsigned share, part; /* of so many parts of the cases this one; share 0: all */
    unsigned jobs;        /* cases at once; 0: as many as by default */
    uint64_t seed;
};

static bool is_chosen(const struct order *order, const struct wss_plan *plan, size_t i)
{
    const struct wss_case *c = &plan->cases[i];
    if (order->only)
        return wsh_glob(order->only, c->id);
    if (order->share > 0 && c->watch_count == 0 && i % order->share != order->part)
        return false;
    return !(order->any_server && !is_for_any_server(c)) && !(order->small && is_big(c));
}

static void run_plan(struct suite_run *suite, const struct wss_plan *plan,
                     const struct order *order, const struct wsh_sim_config *shape)
{
    memset(suite, 0, sizeof *suite);
    suite->world.seed = order->seed;
    suite->world.clock = UINT64_C(1000000000000);
    struct wsp_config peer = {.filters = order->filters,
                              .idle = order->idle,
                              .max_message = order->small ? SMALL_LIMIT : 0,
                              .world = &suite->world};
    struct wsh_sim_config config = *shape;
    config.context = &peer;
    struct wsh_sim *sim = wsh_sim_new(&config);
    bool *selected = calloc(plan->count + 1, sizeof *selected);
    if (!sim || !selected)
        die("out of memory");
    for (size_t i = 0; i < plan->count; i++)
        selected[i] = is_chosen(order, plan, i);
    struct wsh_options options = {
        .profile = {.host = "127.0.0.1", .port = 9001, .authority = "127.0.0.1:9001", .path = "/"},
        .selected = selected,
        .seed = order->seed,
        .jobs = order->jobs,
        .settings = order->small  ? &small
                    : order->only ? &settings
                                  : &cheap,
        .own_target = true,
        .plays_server = true};
    const char **has = NULL;
    if (order->only)
        options.has = has = needs_of(plan, selected, &options.has_count);
    struct wsh_audience audience = {.context = suite, .begun = on_begun};
    struct reborn reborn = {.base = {.launch = launch, .dead = dead, .last_words = last_words},
                            .world = &suite->world};
    suite->end = wsh_run(plan, &options, wsh_sim_loop(sim), &reborn.base, &audience, &suite->run);
    suite->fired = suite->world.fired;
    free(has);
    free(selected);
    wsh_sim_free(sim);
}

void suite_run(struct suite_run *suite, const char *only, const char *filter, bool idle,
               uint64_t seed)
{
    const char *const filters[] = {filter, NULL};
    struct wsh_sim_config shape = {.seed = seed, .whole = only != NULL};
    run_plan(
        suite, filter ? suite_small_plan() : suite_plan(),
        &(struct order){
            .only = only, .filters = filters, .idle = idle, .small = filter != NULL, .seed = seed},
        &shape);
}

void suite_run_part(struct suite_run *suite, const char *filter, bool idle, unsigned share,
                    unsigned part)
{
    const char *const filters[] = {filter, NULL};
    struct wsh_sim_config shape = {.seed = 1};
    run_plan(suite, suite_small_plan(),
             &(struct order){.filters = filters,
                             .idle = idle,
                             .small = true,
                             .share = share,
                             .part = part,
                             .jobs = 1,
                             .seed = 1},
             &shape);
}

void suite_run_peer(struct suite_run *suite, const char *const *filters, unsigned share,
                    unsigned part, uint64_t seed)
{
    struct wsh_sim_config shape = {.seed = seed};
    run_plan(suite, suite_small_plan(),
             &(struct order){.filters = filters,
                             .any_server = true,
                             .small = true,
                             .share = share,
                             .part = part,
                             .jobs = 1,
                             .seed = seed},
             &shape);
}

void suite_run_shaped(struct suite_run *suite, const struct wsh_sim_peer *peer, unsigned jobs,
                      unsigned share, unsigned part)
{
    static const char *const none[] = {NULL};
    struct wsh_sim_config shape = {.seed = 1, .peer = peer};
    run_plan(suite, suite_small_plan(),
             &(struct order){.filters = none,
                             .any_server = true,
                             .small = true,
                             .share = share,
                             .part = part,
                             .jobs = jobs,
                             .seed = 1},
             &shape);
}

void suite_run_case(struct suite_run *suite, const char *only, const char *const *filters)
{
    struct wsh_sim_config shape = {.seed = 1, .whole = true};
    run_plan(suite, suite_plan(),
             &(struct order){.only = only, .filters = filters, .idle = false, .seed = 1}, &shape);
}

void suite_run_cut(struct suite_run *suite, const char *only, uint64_t seed)
{
    struct wsh_sim_config shape = {.seed = seed};
    run_plan(suite, suite_plan(), &(struct order){.only = only, .seed = 1}, &shape);
}

/* What a transcript leaves out, or hides, nobody can say again. */
static bool is_whole(const char *transcript)
{
    return transcript && !strstr(transcript, "left out") && !strstr(transcript, "[redacted]");
}

size_t suite_replay(struct suite_run *suite, const struct wsq_run *before, uint64_t seed)
{
    struct wsh_sim_config shape = {.seed = seed};
    struct wsn_arena arena = {0};
    struct wss_plan plan = {.arena = &arena};
    size_t refused = 0;
    for (size_t i = 0; i < before->case_count; i++) {
        const struct wsq_case *c = &before->cases[i];
        if (c->verdict == WSQ_PASS && is_whole(c->transcript)) {
            struct wsn_errors errors = {0};
            struct wsn_file *file =
                wsn_parse(&arena, c->id, c->transcript, strlen(c->transcript), &errors);
            wss_plan_add(&plan, file, NULL, &errors);
            if (errors.total > 0 && ++refused <= 5)
                fprintf(stderr, "%s: line %u: %s\n%s\n", c->id, errors.list[0].pos.line,
                        errors.list[0].text, c->transcript);
        }
    }
    run_plan(suite, &plan, &(struct order){.seed = seed}, &shape);
    wsn_arena_drop(&arena);
    return refused;
}

void suite_drop(struct suite_run *suite)
{
    wsq_run_drop(&suite->run);
}

void suite_prove(SRunner *runner, const char *name, const char *what)
{
    TestResult **results = srunner_results(runner);
    int count = srunner_ntests_run(runner), all = 0, good = 0;
    for (int i = 0; results && i < count; i++) {
        if (strcmp(tr_tcname(results[i]), name) != 0)
            continue;
        all++;
        good += tr_rtype(results[i]) == CK_PASS;
    }
    if (all > 0)
        printf("proved: %s: %d of %d\n", what, good, all);
    free(results);
}

static const char *judging(const char *id)
{
    const struct wsq_requirement *row = id ? wsq_requirement(id) : NULL;
    return row ? wsq_requirement_judged(row)->id : "";
}

bool suite_same_row(const char *one, const char *other)
{
    return strcmp(judging(one), judging(other)) == 0;
}

bool suite_charged(const struct wsq_case *c, const char *requirement)
{
    for (size_t i = 0; i < c->fault_count; i++)
        if (suite_same_row(c->faults[i].requirement, requirement))
            return true;
    for (size_t i = 0; c->watch && i < c->violation_count; i++)
        if (suite_same_row(c->violations[i].requirement, requirement))
            return true;
    return false;
}
