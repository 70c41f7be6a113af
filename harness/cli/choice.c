#include "choice.h"

#include <stdio.h>
#include <string.h>
#include <wsh/select.h>
#include <wsq/merge.h>

struct set {
    const char *name, *what;
    const char *patterns[16];
};

static const struct set sets[] = {
    {"handshake",
     "the opening handshake (RFC 6455, sections 3, 4, 9.1, 10.2, 10.5 and 11)",
     {"3/*", "3.*", "4/*", "4.*", "9.1/*", "10.1/*", "10.2/*", "10.5/*", "10.8/*", "11.*"}},
    {"policy",
     "what a site decides before it upgrades: credentials, origins, paths; most need --set",
     {"auth/*", "policy/*", "routing/*"}},
    {"http", "HTTP around it (RFC 9110 and RFC 9112)", {"9110-*", "9112-*"}},
    {"framing",
     "lengths, reserved bits, opcodes (sections 5.2 and 10.4)",
     {"5.2/*", "5.8/*", "10.4/*", "10.7/*"}},
    {"masking", "masking (sections 5.1, 5.3 and 10.3)", {"5.1/*", "5.3/*", "10.3/*"}},
    {"fragmentation", "messages in fragments (section 5.4)", {"5.4/*"}},
    {"control", "control frames, ping, pong (section 5.5)", {"5.5/*", "5.5.2/*", "5.5.3/*"}},
    {"messages",
     "text and binary, whole and in pieces (sections 5.6, 5.7 and 6)",
     {"5.6/*", "5.7/*", "6.*"}},
    {"utf8", "UTF-8 in text (section 8.1)", {"8.*"}},
    {"close",
     "the closing handshake, its codes, failing the connection (sections 5.5.1 and 7)",
     {"5.5.1/*", "7.*"}},
    {"deflate", "permessage-deflate (RFC 7692)", {"7692-*", "deflate/*"}},
    {"tls", "TLS below it", {"tls/*", "10.6/*", "8446-*", "wss/*"}},
    {"volume",
     "large messages, and many (sections 9, 12 and 13 of Autobahn); --profile autobahn for all of "
     "them",
     {"volume/*"}},
    {"limits", "sizes and numbers that hurt; needs --i-own-this-target", {"limits/*"}},
};

/* What Autobahn's sections 1 to 7 and 10 are about. */
static const char *const core[] = {"framing", "masking",  "fragmentation", "control",
                                   "utf8",    "messages", "close"};

enum { SETS = sizeof sets / sizeof sets[0], CORE = sizeof core / sizeof core[0] };

static const struct set *set_of(const char *name)
{
    for (size_t i = 0; i < SETS; i++)
        if (strcmp(sets[i].name, name) == 0)
            return &sets[i];
    return NULL;
}

static bool set_has(const struct set *set, const char *id)
{
    for (size_t i = 0; set->patterns[i]; i++)
        if (wsh_glob(set->patterns[i], id))
            return true;
    return false;
}

static bool is_suite(const char *name)
{
    return strcmp(name, "all") == 0 || strcmp(name, "core") == 0 || set_of(name);
}

static bool suite_has(const char *name, const struct wss_case *c)
{
    if (strcmp(name, "all") == 0)
        return true;
    if (c->watch_count > 0)
        return true;
    if (strcmp(name, "core") != 0)
        return set_has(set_of(name), c->id);
    for (size_t i = 0; i < CORE; i++)
        if (set_has(set_of(core[i]), c->id))
            return true;
    return false;
}

bool in_any_suite(const struct wss_case *c)
{
    for (size_t i = 0; i < SETS; i++)
        if (suite_has(sets[i].name, c))
            return true;
    return false;
}

static int unknown(const struct command *command, const char *name)
{
    char names[300];
    size_t n = 0;
    for (size_t i = 0; i < SETS && n < sizeof names; i++)
        n += (size_t)snprintf(names + n, sizeof names - n, "%s, ", sets[i].name);
    return usage_error(command, "--suite: expected %score or all, found \"%s\"", names, name);
}

int choose(const struct command *command, const struct choice *choice, const struct wss_plan *plan,
           bool *selected)
{
    const struct wsh_patterns only = {choice->only.list, choice->only.count};
    const struct wsh_patterns skip = {choice->skip.list, choice->skip.count};
    char error[400];
    for (size_t i = 0; i < choice->suites.count; i++)
        if (!is_suite(choice->suites.list[i]))
            return unknown(command, choice->suites.list[i]);
    if (wsh_select(plan, &only, &skip, selected, error, sizeof error) != 0)
        return usage_error(command, "%s", error);
    for (size_t i = 0; i < plan->count && choice->suites.count > 0; i++) {
        bool has = false;
        for (size_t k = 0; k < choice->suites.count && !has; k++)
            has = suite_has(choice->suites.list[k], &plan->cases[i]);
        selected[i] = selected[i] && has;
    }
    return 0;
}

int choose_shard(const struct command *command, const struct choice *choice,
                 const struct wss_plan *plan, bool *selected, struct shard *shard)
{
    enum { MOST = 1000 };
    char behind;
    *shard = (struct shard){0};
    if (!choice->shard)
        return 0;
    if (strspn(choice->shard, "0123456789/") != strlen(choice->shard) ||
        strlen(choice->shard) > 9 ||
        sscanf(choice->shard, "%u/%u%c", &shard->number, &shard->of, &behind) != 2 ||
        shard->number == 0 || shard->number > shard->of || shard->of > MOST)
        return usage_error(command, "--shard: expected NUMBER/OF, such as 2/3, found \"%s\"",
                           choice->shard);
    for (size_t i = 0; i < plan->count; i++) {
        bool is_watch = plan->cases[i].watch_count > 0;
        shard->whole += selected[i] && !is_watch;
        selected[i] =
            selected[i] && !is_watch && wsq_in_shard(plan->cases[i].id, shard->number, shard->of);
    }
    return 0;
}

static void print_suite(const struct wss_plan *plan, const char *name, const char *what)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += plan->cases[i].watch_count == 0 && suite_has(name, &plan->cases[i]);
    printf("%-14s %4zu  %s\n", name, count, what);
}

void list_suites(const struct wss_plan *plan)
{
    size_t watches = 0;
    for (size_t i = 0; i < plan->count; i++)
        watches += plan->cases[i].watch_count > 0;
    for (size_t i = 0; i < SETS; i++)
        print_suite(plan, sets[i].name, sets[i].what);
    print_suite(plan, "core",
                "framing, masking, fragmentation, control, messages, utf8 and close: what "
                "Autobahn's sections 1 to 7 and 10 are about");
    print_suite(plan, "all", "everything");
    printf("and in each of them %zu watches, which judge every byte that the others see\n",
           watches);
}
