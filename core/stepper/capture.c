/* capture.c - variables of a run, and what `let` takes from the peer. */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool found(const char *text, const char **value, size_t *length)
{
    *value = text;
    *length = strlen(text);
    return true;
}

static bool find_runtime(const struct wss_env *env, const char *name, size_t n, const char **value,
                         size_t *length)
{
    const struct run_scope *scope = env->context;
    const struct wss_run *run = scope->run;
    const struct wss_profile *profile = run->setup->profile;
    const struct {
        const char *name, *value;
    } table[] = {{"host", profile->host},         {"port", scope->port},
                 {"path", profile->path},         {"key", scope->lane->key},
                 {"accept", scope->lane->accept}, {"i", scope->round}};
    for (size_t i = 0; i < run->capture_count; i++) {
        const struct wss_binding *b = &run->captures[i];
        if (strlen(b->name) == n && memcmp(b->name, name, n) == 0) {
            *value = b->value;
            *length = b->length;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strlen(table[i].name) == n && memcmp(table[i].name, name, n) == 0)
            return found(table[i].value, value, length);
    }
    return found("", value, length); /* a capture that was never taken */
}

struct wss_env wss_run_env(struct run_scope *scope, struct wss_run *run, const struct lane *lane,
                           uint64_t round)
{
    scope->run = run;
    scope->lane = lane;
    snprintf(scope->round, sizeof scope->round, "%llu", (unsigned long long)round);
    snprintf(scope->port, sizeof scope->port, "%u", run->setup->profile->port & 65535u);
    return (struct wss_env){.find = find_runtime, .context = scope, .literal = true};
}

/* Takes the place of an earlier value of that name. */
static void keep_capture(struct wss_run *run, const char *name, const char *value, size_t n)
{
    size_t at = 0;
    while (at < run->capture_count && strcmp(run->captures[at].name, name) != 0)
        at++;
    run->captures[at] = (struct wss_binding){name, value, n};
    if (at == run->capture_count)
        run->capture_count++;
}

/* Each value once. */
static void keep_secret(struct wss_run *run, const char *value, size_t n)
{
    enum { MOST = 256 };
    for (size_t i = 0; i < run->secret_count; i++) {
        if (run->secrets[i].length == n && memcmp(run->secrets[i].value, value, n) == 0)
            return;
    }
    if (run->secret_count == MOST) {
        wss_run_error(run, "too much: the case captures more than %d secrets", MOST);
        return;
    }
    struct wss_secret *grown =
        wss_got(run, realloc(run->secrets, (run->secret_count + 1) * sizeof *grown));
    if (!grown)
        return;
    run->secrets = grown;
    char *copy = wss_got(run, malloc(n + 1));
    if (!copy)
        return;
    memcpy(copy, value, n);
    copy[n] = '\0';
    run->secrets[run->secret_count++] = (struct wss_secret){copy, n};
}

static void keep_leaf(void *run, const char *value, size_t n)
{
    keep_secret(run, value, n);
}

/* The parts of an object or array are as secret as the whole, and more often seen. */
static void keep_secrets(struct wss_run *run, const char *value, size_t n)
{
    keep_secret(run, value, n);
    if (n && (*value == '{' || *value == '['))
        wss_json_leaves(&run->starved, value, n, run, keep_leaf);
}

/* What is not there is a fault: nothing that follows could make sense. */
static void nothing_there(struct thread *thread, const struct wss_step *step, const char *saw)
{
    struct fault_text fault = {.expected = wss_describe_step(thread->run, step), .saw = saw};
    wss_thread_unmet(thread, step, step->charge, true, fault);
}

static void capture_header(struct thread *thread, const struct wss_step *step, const char *name)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = &run->lanes[step->lane];
    struct run_scope scope;
    struct wss_env env = wss_run_env(&scope, run, lane, wss_thread_round(thread));
    const struct wsn_step *bound = wss_bind_steps(&run->arena, &env, step->ast, 1);
    if (!bound)
        return;
    const char *field = wss_plain(&run->arena, &bound->value, NULL);
    const struct wsc_header *header =
        lane->last_head ? wsc_head_field(lane->last_head, field, 0) : NULL;
    if (!header) {
        nothing_there(thread, step, lane->last_head ? "a head without it" : "no head");
        return;
    }
    const char *copy = wsn_copy(&run->arena, header->value.p, header->value.n);
    if (copy)
        keep_capture(run, name, copy, header->value.n);
    if (header->value.n && wss_keeps_secret(step->ast))
        keep_secrets(run, header->value.p, header->value.n);
    wss_thread_tell(thread, bound);
}

/* The transcript, which holds values and no bodies, does without the step. */
static void capture_json(struct thread *thread, const struct wss_step *step, const char *name)
{
    struct wss_run *run = thread->run;
    const struct lane *lane = &run->lanes[step->lane];
    size_t last = thread->readers[step->lane].last_content, n = 0;
    const struct event *event = last ? wss_event_at(lane, last - 1) : NULL;
    struct run_scope scope;
    struct wss_env env = wss_run_env(&scope, run, lane, wss_thread_round(thread));
    struct wsn_text path = wss_bind_text(&run->arena, &env, &step->ast->value);
    const char *text = path.present ? wss_plain(&run->arena, &path, NULL) : "";
    struct wss_trial trial = {.starved = &run->starved};
    const char *value = event && event->data
                            ? wss_json_at(&trial, &run->arena, event->data, event->len, text, &n)
                            : NULL;
    if (trial.failed) {
        wss_run_error(run, "%s", trial.failed);
        return;
    }
    if (value) {
        keep_capture(run, name, value, n);
        if (wss_keeps_secret(step->ast))
            keep_secrets(run, value, n);
        return;
    }
    nothing_there(thread, step,
                  event ? wss_describe_event(run, event)
                        : "no message or body that a step has met");
}

void wss_capture(struct thread *thread, const struct wss_step *step)
{
    const char *name = wss_plain(&thread->run->arena, &step->ast->name, NULL);
    if (strcmp(wss_plain(&thread->run->arena, &step->ast->verb, NULL), "json") == 0)
        capture_json(thread, step, name);
    else
        capture_header(thread, step, name);
}
