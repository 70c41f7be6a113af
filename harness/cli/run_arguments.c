#include "cmd_run.h"
#include "commands.h"
#include "conf.h"
#include "output.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wsh/spawn.h>
#include <wsq/secret.h>
#include <wsq/text.h>

enum { JOBS_MAX = 1000, LONG_VALUE = 16, LIMITS_MS = 30000 };

static uint64_t draw_seed(void)
{
    uint64_t seed = 1;
    FILE *random = fopen("/dev/urandom", "rb");
    if (random) {
        if (fread(&seed, sizeof seed, 1, random) != 1)
            seed = 1;
        fclose(random);
    }
    return seed >> 12; /* short enough to be typed, and exact in JSON */
}

/* ---- secrets ---- */

static bool is_name_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static int read_headers(struct run_arguments *a)
{
    for (size_t i = 0; i < a->headers.count; i++) {
        const char *text = a->headers.list[i], *value;
        size_t name = 0;
        while (is_name_byte(text[name]))
            name++;
        if (name == 0 || text[name] != ':')
            return usage_error(a->command, "--header: expected 'Name: value', found \"%s\"", text);
        for (value = text + name + 1; *value; value++)
            if ((unsigned char)*value < ' ' && *value != '\t')
                return usage_error(a->command, "--header: expected no control characters in %.*s",
                                   (int)name, text);
        value = text + name + 1;
        value += strspn(value, " \t");
        if (!wsq_secret_name(text, name))
            continue;
        wsh_secrets_add(&a->secrets, value, strlen(value));
        const char *space = strchr(value, ' '); /* "Bearer xyz": xyz alone is secret too */
        if (space)
            wsh_secrets_add(&a->secrets, space + 1, strlen(space + 1));
    }
    return -1;
}

static bool is_set(const struct texts *sets, const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < sets->count; i++)
        if (strncmp(sets->list[i], name, n) == 0 && sets->list[i][n] == '=')
            return true;
    return false;
}

/* A profile is a name for some settings; what is --set beside it holds. */
static int read_profile(struct run_arguments *a)
{
    if (!a->profile)
        return -1;
    if (strcmp(a->profile, "autobahn") != 0)
        return usage_error(a->command, "--profile: expected autobahn, found \"%s\"", a->profile);
    if (!is_set(&a->sets, "volume"))
        texts_add(&a->sets, "volume=256");
    if (!is_set(&a->sets, "rounds"))
        texts_add(&a->sets, "rounds=1000");
    return -1;
}

static int read_settings(struct run_arguments *a)
{
    int code = settings_read(a->command, &a->sets, a->conf_sets, &a->secrets, &a->settings);
    return code ? code : -1;
}

/* Values in the query whose names say so, and long ones, which are hardly words. */
static void find_query_secrets(struct run_arguments *a)
{
    const char *p = strchr(a->url.path, '?');
    while (p && *p) {
        p++;
        size_t length = strcspn(p, "&"), name = strcspn(p, "=&");
        if (name < length && (wsq_secret_name(p, name) || length - name - 1 >= LONG_VALUE))
            wsh_secrets_add(&a->secrets, p + name + 1, length - name - 1);
        p += length;
    }
}

/* ---- the command that repeats a case ---- */

static void add_list(struct wsq_text *out, const char *option, const struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        wsq_text_printf(out, " %s", option);
        add_quoted(out, texts->list[i]);
    }
}

/* A secret is left out here, where its end is known. */
static void add_headers(struct wsq_text *out, const struct texts *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        const char *line = headers->list[i];
        size_t name = strcspn(line, ":");
        struct wsq_text shown = {0};
        if (wsq_secret_name(line, name))
            wsq_text_printf(&shown, "%.*s: [redacted]", (int)name, line);
        else
            wsq_text_puts(&shown, line);
        char *text = wsq_text_take(&shown, NULL);
        wsq_text_puts(out, " --header ");
        add_quoted(out, text ? text : "");
        free(text);
    }
}

static char *replay_command(const struct run_arguments *a, const char *url)
{
    struct wsq_text out = {0};
    wsq_text_puts(&out, "wsproof run ");
    if (a->spawn) {
        wsq_text_puts(&out, "--spawn ");
        add_quoted(&out, a->spawn);
    }
    if (url) {
        wsq_text_puts(&out, a->spawn ? " " : "");
        add_quoted(&out, url);
    }
    reach_add(&a->reach, &out);
    add_list(&out, "--cases ", &a->paths);
    add_list(&out, "--set ", &a->sets);
    add_headers(&out, &a->headers);
    add_list(&out, "--has ", &a->has);
    if (a->own_target)
        wsq_text_puts(&out, " --i-own-this-target");
    wsq_text_printf(&out, " --seed %llu", (unsigned long long)a->seed);
    return wsq_text_take(&out, NULL);
}

/* ---- the target ---- */

static int read_target(struct run_arguments *a, const char *url)
{
    char error[200], own[WSH_PATH_MAX + WSH_HOST_MAX + 64];
    if (!url && !a->spawn)
        return usage_error(a->command, "expected a URL such as ws://127.0.0.1:8080/, --spawn, or "
                                       "wsproof.conf here: `wsproof init URL` writes one");
    const char *text = url ? url : "ws://127.0.0.1:{port}/", *hole = strstr(text, "{port}");
    if (a->spawn && hole) {
        unsigned port = wsh_free_port();
        if (port == 0)
            return usage_error(a->command, "--spawn: no free port on 127.0.0.1");
        snprintf(own, sizeof own, "%.*s%u%s", (int)(hole - text), text, port,
                 hole + strlen("{port}"));
        text = own;
    }
    if (wsh_url_parse(text, &a->url, error, sizeof error) != 0)
        return usage_error(a->command, "%s: %s", text, error);
    find_query_secrets(a);
    a->replay = replay_command(a, url);
    return reach_check(&a->reach);
}

/* Arguments that hold "://" are URLs, the others scripts. */
static int sort_rest(struct run_arguments *a, const struct texts *rest, const char **url)
{
    for (size_t i = 0; i < rest->count; i++) {
        if (!strstr(rest->list[i], "://"))
            texts_add(&a->paths, rest->list[i]);
        else if (*url)
            return usage_error(a->command, "expected one URL, found \"%s\" too", rest->list[i]);
        else
            *url = rest->list[i];
    }
    return -1;
}

/* What the command line says of the cases stands in place of what the file says, and a header line
 * in place of those of the same name. */
static void drop_overruled(struct run_arguments *a, const struct run_arguments *given)
{
    struct texts headers = {0};
    if (given->paths.count)
        a->paths = headers;
    if (given->choice.suites.count || given->choice.only.count || given->choice.skip.count)
        a->choice = (struct choice){0};
    for (size_t i = 0; i < a->headers.count; i++) {
        size_t n = strcspn(a->headers.list[i], ":"), k = 0;
        while (k < given->headers.count &&
               (strcspn(given->headers.list[k], ":") != n ||
                strncasecmp(given->headers.list[k], a->headers.list[i], n) != 0))
            k++;
        if (k == given->headers.count)
            texts_add(&headers, a->headers.list[i]);
    }
    a->headers = headers;
}

/* The command line, behind what `conf` says (NULL: nothing); `given` is what the command line alone
 * says.  -1: go on; else the exit code. */
static int read_options(struct run_arguments *a, int count, char **arguments, const char *conf,
                        const struct run_arguments *given, const char **url)
{
    static char what_report[300];
    struct texts rest = {0};
    a->reach.command = a->command;
    a->jobs = 32;
    a->seed = draw_seed();
    a->limits_ms = a->only_limits ? LIMITS_MS : 0;
    snprintf(what_report, sizeof what_report, "write a report; - is standard output.  FORMAT: %s",
             reports_help());
    const struct option options[] = {
        {.kind = OPTION_TITLE, .what = "The target:"},
        {.kind = OPTION_TEXT,
         .name = "conf",
         .value = "FILE",
         .slot = &a->conf,
         .what = "what is not said here; ./wsproof.conf when neither a URL nor --spawn is"},
        {.kind = OPTION_TEXT,
         .name = "spawn",
         .value = "COMMAND",
         .slot = &a->spawn,
         .what = "start the target ourselves; {port} becomes a free port"},
        REACH_OPTIONS(&a->reach),
        {.kind = OPTION_LIST,
         .name = "header",
         .value = "'NAME: VALUE'",
         .slot = &a->headers,
         .what = "add a line to every opening handshake"},
        {.kind = OPTION_LIST,
         .name = "set",
         .value = "NAME=VALUE",
         .slot = &a->sets,
         .what = "give a setting that scripts name; NAME alone is taken from the environment, "
                 "@FILE reads many"},
        {.kind = OPTION_TEXT,
         .name = "profile",
         .value = "autobahn",
         .slot = &a->profile,
         .what = "send as much as the Autobahn Testsuite does: --set volume=256 --set rounds=1000"},
        {.kind = OPTION_LIST,
         .name = "has",
         .value = "CAPABILITY",
         .slot = &a->has,
         .what = "it has this: a failure when it is not found (echo, permessage-deflate, "
                 "subprotocol …)"},
        {.kind = OPTION_FLAG,
         .name = "i-own-this-target",
         .slot = &a->own_target,
         .what = "run floods and limits against a target that is not on this machine"},
        {.kind = OPTION_DURATION,
         .name = "limits",
         .value = "DURATION",
         .slot = &a->limits_ms,
         .what = "first find what the target accepts, waiting so long for its timeouts (30s)"},
        {.kind = OPTION_TITLE, .what = "The cases:"},
        {.kind = OPTION_LIST,
         .name = "cases",
         .value = "PATH",
         .slot = &a->paths,
         .what = "a script, or a folder of them, in place of the program's own"},
        {.kind = OPTION_LIST,
         .name = "suite",
         .value = "NAME",
         .slot = &a->choice.suites,
         .what = "only the cases of this suite; `wsproof list --suites` names them"},
        {.kind = OPTION_LIST,
         .name = "only",
         .value = "GLOB",
         .slot = &a->choice.only,
         .what = "only cases whose id matches; * and ? as in a shell, * also over /"},
        {.kind = OPTION_LIST,
         .name = "skip",
         .value = "GLOB",
         .slot = &a->choice.skip,
         .what = "not those whose id matches"},
        {.kind = OPTION_TEXT,
         .name = "shard",
         .value = "I/N",
         .slot = &a->choice.shard,
         .what = "only part I of N; `wsproof report merge` unites their journals"},
        {.kind = OPTION_NUMBER,
         .name = "jobs",
         .value = "N",
         .slot = &a->jobs,
         .least = 1,
         .most = JOBS_MAX,
         .what = "cases at once (32)"},
        {.kind = OPTION_NUMBER,
         .name = "seed",
         .value = "N",
         .slot = &a->seed,
         .most = UINT64_MAX,
         .what = "repeat a run: the same seed sends the same bytes"},
        {.kind = OPTION_DURATION,
         .name = "timeout",
         .value = "DURATION",
         .slot = &a->timeout_ms,
         .what = "the most that one attempt at a case may take, unless its script says so (60s)"},
        {.kind = OPTION_TITLE, .what = "The verdict:"},
        {.kind = OPTION_TEXT,
         .name = "expect",
         .value = "FILE",
         .slot = &a->expect,
         .what = "verdicts that are agreed to, one `ID VERDICT  # reason` a line"},
        {.kind = OPTION_TEXT,
         .name = "write-expect",
         .value = "FILE",
         .slot = &a->write_expect,
         .what = "write the file that would make this run as expected"},
        {.kind = OPTION_FLAG,
         .name = "strict",
         .slot = &a->strict,
         .what = "a warning is unexpected too"},
        {.kind = OPTION_TITLE, .what = "The output:"},
        {.kind = OPTION_LIST,
         .name = "report",
         .value = "FORMAT=PATH",
         .slot = &a->reports,
         .what = what_report},
        {.kind = OPTION_TEXT,
         .name = "journal",
         .value = "PATH",
         .slot = &a->journal,
         .what = "append each result the moment it is known, as JSON lines"},
        {.kind = OPTION_FLAG,
         .name = "timing",
         .slot = &a->timing,
         .what = "print where the time went: processors, slowest cases, every fixed wait"},
        {.kind = OPTION_FLAG,
         .letter = 'v',
         .name = "verbose",
         .slot = &a->verbose,
         .what = "print conversations and verdicts as they come"},
        {.kind = OPTION_FLAG,
         .letter = 'q',
         .name = "quiet",
         .slot = &a->quiet,
         .what = "print only what was judged and what was unexpected"},
        {.kind = OPTION_TEXT,
         .name = "color",
         .value = "WHEN",
         .slot = &a->color,
         .what = "always, never or auto: on a terminal, unless NO_COLOR is set"},
        {.kind = OPTION_FLAG}};
    if (conf && conf_read(a->command, conf, options, url) != 0)
        return EXIT_USAGE;
    if (conf)
        drop_overruled(a, given);
    a->conf_sets = a->sets.count;
    int code = options_read(a->command, options, count, arguments, &rest);
    if (code != 0)
        return code < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    const char *named = NULL;
    code = sort_rest(a, &rest, &named);
    *url = named ? named : *url;
    return code;
}

/* The file that says what the command line leaves open; NULL: none. */
static const char *conf_of(const struct run_arguments *a, const char *url)
{
    if (a->conf)
        return a->conf;
    return !url && !a->spawn && access(CONF_NAME, F_OK) == 0 ? CONF_NAME : NULL;
}

int run_arguments_read(struct run_arguments *a, int count, char **arguments)
{
    const char *url = NULL;
    int code = read_options(a, count, arguments, NULL, NULL, &url);
    const char *conf = code < 0 ? conf_of(a, url) : NULL;
    if (conf) {
        struct run_arguments given = *a;
        *a = (struct run_arguments){
            .command = given.command, .only_limits = given.only_limits, .agree = given.agree};
        url = NULL;
        code = read_options(a, count, arguments, conf, &given, &url);
    }
    if (code < 0)
        code = read_headers(a);
    if (code < 0)
        code = read_profile(a);
    if (code < 0)
        code = read_settings(a);
    if (code < 0)
        code = read_target(a, url);
    bool drawn = a->spawn && (!url || strstr(url, "{port}"));
    if (code < 0 && drawn && !strstr(a->spawn, "{port}"))
        fprintf(stderr,
                "wsproof %s: hint: --spawn has no {port}, so the target cannot know that port %u "
                "is\nthe one to listen on; put {port} into the command, or the port that it takes "
                "into the URL\n",
                a->command->name, a->url.port);
    return code;
}

void run_arguments_drop(struct run_arguments *a)
{
    settings_drop(&a->settings);
    wsh_secrets_drop(&a->secrets);
    free(a->replay);
}
