/* wss/plan.h - from parsed scripts to cases that can run.
 *
 * One wsn_case gives one wss_case a row of its `each` product.  Variables whose value is known
 * before the run (rows, settings, `set` defaults) are resolved here; `$host $port $path $key
 * $accept $i` and captures are resolved when the step runs.  All memory is the arena's.
 */
#ifndef WSS_PLAN_H
#define WSS_PLAN_H

#include <wsn/notation.h>
#include <wsq/catalogue.h>

struct wss_setting {
    const char *name;
    const char *value; /* may hold NUL: length counts */
    size_t length;
};
struct wss_settings {
    const struct wss_setting *list;
    size_t count;
};

struct wss_program; /* the compiled steps: private */

struct wss_case {
    const char *id; /* unique in the plan */
    const char *title;
    const char *suite; /* the id's first part */
    const char **cites;
    size_t cite_count;
    const char **needs; /* capabilities and settings; settings that are given are already met */
    size_t need_count;
    const char **autobahn;
    size_t autobahn_count;
    const char **watch; /* requirement ids; then there are no steps */
    size_t watch_count;
    const char *
        *charges; /* what it can find broken: what its steps are charged to, or it watches */
    size_t charge_count;
    bool server_role; /* we play the server */
    bool
        expects_message; /* has a step that waits for a message: then other messages are no noise */
    bool hears_messages; /* a message breaks a `silent`: some are expected, or it is its author's
                            law */
    bool moves_target;   /* stops, restarts or watches the target's process: nothing else may run */
    bool has_secrets;    /* what no report may show is in its messages: settings or captures */
    bool captures_secrets; /* … which only its run shows */
    size_t connections;    /* that lie open at once, at the most */
    uint64_t timeout_ms;   /* the case's cap; 0: the run's */
    uint64_t waits_ms;     /* the sum of the script's own fixed waits (wait, silent, pause) */
    const char *file;      /* where it stands */
    unsigned line;
    const char *script; /* source text of the case, behind that of the blocks that it uses */
    const struct wss_program *program;
};

struct wss_plan {
    struct wsn_arena *arena;
    struct wss_case *cases;
    size_t count, room;
    /* The bytes of a file that a script names, path relative to the script's folder: in the arena,
     * NULL when it cannot be read.  NULL: no file can. */
    const char *(*read_file)(struct wsn_arena *arena, const char *script, const char *path,
                             size_t *length);
};

/* Compiles every case of a file (linked, if it uses blocks: wsn_link) and appends it to the plan.
 * What is wrong (unknown requirement id, a variable without a value, a status where a code belongs,
 * two equal ids, equal payloads around an offence, branches that can never be told apart, `< 101`
 * without @id below a request changed on purpose, a watch that no rule serves …) goes to *errors
 * with its place; such cases are left out. A missing *setting* that the case names in `needs` is no
 * error. */
void wss_plan_add(struct wss_plan *plan, const struct wsn_file *file,
                  const struct wss_settings *settings, struct wsn_errors *errors);

/* Does the script of the case say `$name` or `${name}`? */
bool wss_case_uses(const struct wss_case *test, const char *name);

#endif
