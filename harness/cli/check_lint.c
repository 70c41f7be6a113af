#include "check_lint.h"
#include "autobahn.h"

#include <stdio.h>
#include <string.h>
#include <wsh/limits.h>

/* What the steps of one case hold. */
struct content {
    bool asks; /* something of the peer */
    const char
        *opened[32]; /* connections with a head or bytes of the script's own; NULL: unnamed */
    size_t opened_count;
    const struct wsn_step *early; /* the first frame on a connection without them */
};

static bool same_name(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_open(const struct content *content, const char *connection)
{
    for (size_t i = 0; i < content->opened_count; i++)
        if (same_name(content->opened[i], connection))
            return true;
    return false;
}

static void open_one(struct content *content, const char *connection)
{
    enum { ROOM = sizeof content->opened / sizeof content->opened[0] };
    if (content->opened_count < ROOM && !is_open(content, connection))
        content->opened[content->opened_count++] = connection;
}

static void send_frame(struct content *content, const struct wsn_step *step)
{
    if (!content->early && !is_open(content, step->connection))
        content->early = step;
}

static void read_steps(struct content *content, const struct wsn_step *steps, size_t count);

static void read_step(struct content *content, const struct wsn_step *step)
{
    if (step->kind == WSN_SEND_REQUEST || step->kind == WSN_SEND_RESPONSE ||
        step->kind == WSN_SEND_RAW)
        open_one(content, step->connection);
    if (step->kind == WSN_SEND_FRAME || step->kind == WSN_ALIVE)
        send_frame(content, step);
    if (wsn_asks(step->kind))
        content->asks = true;
    for (size_t i = 0; i < step->branch_count; i++)
        read_steps(content, step->branches[i].steps, step->branches[i].step_count);
}

static void read_steps(struct content *content, const struct wsn_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        read_step(content, &steps[i]);
}

/* Does time pass there, so that something can come? */
static bool waits(const struct wsn_step *step)
{
    if (step->kind == WSN_NEVER)
        return false;
    bool any = wsn_asks(step->kind) || step->kind == WSN_WAIT || step->kind == WSN_RESTART;
    for (size_t i = 0; i < step->branch_count; i++)
        for (size_t k = 0; k < step->branches[i].step_count; k++)
            any = any || waits(&step->branches[i].steps[k]);
    return any;
}

/* A `never` behind which nothing waits: the case is over before anything could come. */
static const struct wsn_step *idle_never(const struct wsn_step *steps, size_t count, bool later)
{
    const struct wsn_step *idle = NULL;
    for (size_t i = count; i > 0; i--) {
        const struct wsn_step *step = &steps[i - 1];
        bool again = step->kind == WSN_REPEAT && waits(step);
        if (step->kind == WSN_NEVER && !later)
            idle = step;
        for (size_t k = 0; step->kind != WSN_NEVER && k < step->branch_count; k++) {
            const struct wsn_branch *branch = &step->branches[k];
            const struct wsn_step *below =
                idle_never(branch->steps, branch->step_count, later || again);
            idle = below ? below : idle;
        }
        later = later || waits(step);
    }
    return idle;
}

static void lint_case(const struct wsn_file *file, const struct wsn_case *c, struct lint *lint)
{
    struct content content = {0};
    read_steps(&content, c->all, c->all_count);
    if (c->step_count > 0 && !content.asks) {
        fprintf(stderr, "%s:%u:%u: error: the case asks nothing of the peer, so it can only pass\n",
                file->name, c->pos.line, c->pos.column);
        lint->errors++;
    }
    const struct wsn_step *never = idle_never(c->all, c->all_count, false);
    if (never) {
        fprintf(stderr,
                "%s:%u:%u: error: no step behind this waits for anything, so it can never come\n",
                file->name, never->pos.line, never->pos.column);
        lint->errors++;
    }
    if (content.early) {
        fprintf(stderr,
                "%s:%u:%u: warning: a frame on a connection without a handshake: expected `> GET` "
                "and `< 101` (or, as the server, `< GET` and `> 101`) above it\n",
                file->name, content.early->pos.line, content.early->pos.column);
        lint->warnings++;
    }
}

static bool is_limit(const char *name, size_t n)
{
    const char *limit;
    for (size_t i = 0; (limit = wsh_limits_name(i)); i++)
        if (strlen(limit) == n && memcmp(limit, name, n) == 0)
            return true;
    return false;
}

static bool is_amount(const char *text)
{
    return *text && strspn(text, "0123456789*") == strlen(text);
}

/* `needs message=65536*16`: nobody would notice a limit that does not exist. */
static void lint_needs(const struct wss_case *c, struct lint *lint)
{
    for (size_t i = 0; i < c->need_count; i++) {
        const char *need = c->needs[i], *equals = strchr(need, '=');
        if (!equals || (is_limit(need, (size_t)(equals - need)) && is_amount(equals + 1)))
            continue;
        fprintf(stderr,
                "%s:%u: error: `needs %s`: expected a limit that `wsproof limits` finds, and an "
                "amount: message=65536*16\n",
                c->file, c->line, need);
        lint->errors++;
    }
}

void lint_suite(const struct suite *suite, struct lint *lint)
{
    for (size_t i = 0; i < suite->file_count; i++)
        for (size_t k = 0; k < suite->files[i]->case_count; k++)
            lint_case(suite->files[i], &suite->files[i]->cases[k], lint);
    for (size_t i = 0; i < suite->plan.count; i++)
        lint_needs(&suite->plan.cases[i], lint);
    lint->errors += autobahn_misnamed(&suite->plan);
}
