/* record: a real client's conversation with a real server, as a script. */
#include "commands.h"
#include "reach.h"
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wsh/relay.h>

enum { SETTINGS_MAX = 64, VALUE_MIN = 4 };

struct record_arguments {
    struct reach reach;
    struct wsh_url url;
    struct texts sets;
    const char *to, *path;
    uint64_t port, connections;
    const char *certificate, *key; /* that clients see */
    struct wsh_tls_context *tls;
    bool speak_tls, frames, split, force;
    struct settings settings;
    char stem[120], id[140];
    FILE *out;
    bool interrupted;
};

/* ---- names ---- */

static bool is_id_byte(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '_' || c == '-';
}

/* "recorded/login" and "login" of "tests/login.wst". */
static void name_it(struct record_arguments *a)
{
    const char *slash = strrchr(a->path, '/'), *name = slash ? slash + 1 : a->path;
    size_t n = strlen(name);
    if (n > 4 && strcmp(name + n - 4, ".wst") == 0)
        n -= 4;
    if (n >= 100)
        n = 100;
    memcpy(a->stem, name, n);
    for (size_t i = 0; i < n; i++)
        if (!is_id_byte(a->stem[i]))
            a->stem[i] = '-';
    snprintf(a->id, sizeof a->id, "recorded/%s", a->stem);
}

/* ---- files ---- */

/* A script that somebody has worked on is not written over. */
static FILE *create(const struct record_arguments *a, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | (a->force ? O_TRUNC : O_EXCL), 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (!file && fd >= 0)
        close(fd);
    return file;
}

/* A large payload, beside the script. */
static bool keep(void *context, const char *name, const uint8_t *data, size_t len)
{
    const struct record_arguments *a = context;
    char path[4096];
    const char *slash = strrchr(a->path, '/');
    int n = snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - a->path + 1) : 0, a->path,
                     name);
    FILE *file = (size_t)n < sizeof path ? create(a, path) : NULL;
    bool ok = file && fwrite(data, 1, len, file) == len;
    if (file)
        ok = fclose(file) == 0 && ok;
    if (!ok)
        fprintf(stderr, "wsproof record: %s: %s\n", path, strerror(errno));
    return ok;
}

/* ---- arguments ---- */

static int read_settings(struct record_arguments *a)
{
    int code = settings_read(&record_command, &a->sets, 0, NULL, &a->settings);
    const struct wss_settings *all = &a->settings.all;
    if (code == 0 && all->count > SETTINGS_MAX)
        return usage_error(&record_command, "--set: expected at most %d settings", SETTINGS_MAX);
    for (size_t i = 0; code == 0 && i < all->count; i++)
        if (all->list[i].length < VALUE_MIN)
            return usage_error(&record_command,
                               "--set %s: expected a value of at least %d bytes: a shorter one "
                               "would be found where it is not meant",
                               all->list[i].name, VALUE_MIN);
    return code;
}

static int read_target(struct record_arguments *a)
{
    char error[200];
    if (!a->to)
        return usage_error(&record_command, "expected --to URL, the server");
    if (wsh_url_parse(a->to, &a->url, error, sizeof error) != 0)
        return usage_error(&record_command, "--to: %s: %s", a->to, error);
    if (strcmp(a->url.path, "/") != 0)
        return usage_error(&record_command,
                           "--to: expected no path: clients say which they ask for, found \"%s\"",
                           a->url.path);
    int code = reach_check(&a->reach);
    return code < 0 ? 0 : code;
}

static int read_arguments(struct record_arguments *a, int count, char **arguments)
{
    struct texts rest = {0};
    a->reach.command = &record_command;
    const struct option options[] = {
        {.kind = OPTION_NUMBER,
         .name = "listen",
         .value = "PORT",
         .slot = &a->port,
         .most = 65535,
         .what =
             "where clients connect to, on 127.0.0.1; without it a free port, which is printed"},
        {.kind = OPTION_FLAG,
         .name = "listen-tls",
         .slot = &a->speak_tls,
         .what = "clients come over TLS (wss://), and see a certificate for localhost made for "
                 "this once"},
        {.kind = OPTION_TEXT,
         .name = "listen-cert",
         .value = "FILE",
         .slot = &a->certificate,
         .what = "likewise, and see this certificate (PEM)"},
        {.kind = OPTION_TEXT,
         .name = "listen-key",
         .value = "FILE",
         .slot = &a->key,
         .what = "its key, if it is not in the same file"},
        {.kind = OPTION_TEXT,
         .name = "to",
         .value = "URL",
         .slot = &a->to,
         .what = "the server: ws://HOST[:PORT], or wss://… over TLS"},
        {.kind = OPTION_LIST,
         .name = "set",
         .value = "NAME=VALUE",
         .slot = &a->sets,
         .what = "write $NAME where this value stands; NAME alone is taken from the environment, "
                 "@FILE reads many"},
        {.kind = OPTION_FLAG,
         .name = "frames",
         .slot = &a->frames,
         .what = "write frames as they came, not messages"},
        {.kind = OPTION_FLAG,
         .name = "split",
         .slot = &a->split,
         .what = "a case for all connections that were open at once, not one for everything"},
        {.kind = OPTION_NUMBER,
         .name = "connections",
         .value = "N",
         .slot = &a->connections,
         .least = 1,
         .most = UINT64_MAX,
         .what = "end when so many have ended"},
        {.kind = OPTION_FLAG,
         .name = "force",
         .slot = &a->force,
         .what = "write over FILE if it is there"},
        {.kind = OPTION_TITLE, .what = "The way to the server:"},
        REACH_OPTIONS(&a->reach),
        {0}};
    int read = options_read(&record_command, options, count, arguments, &rest);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : -1;
    if (rest.count != 1)
        return usage_error(&record_command, "expected one FILE, such as login.wst");
    a->path = rest.list[0];
    name_it(a);
    int code = read_target(a);
    return code ? code : read_settings(a);
}

/* ---- recording ---- */

static void say_ready(void *context, unsigned port)
{
    const struct record_arguments *a = context;
    printf("listening on %s://%s:%u/ for %s; Ctrl-C ends the recording\n", a->tls ? "wss" : "ws",
           a->tls ? "localhost" : "127.0.0.1", port, a->to);
    fflush(stdout);
}

static int write_script(struct record_arguments *a, const struct wsh_record *record)
{
    size_t length;
    char *text = wsh_record_take(record, &length);
    bool ok = text && fwrite(text, 1, length, a->out) == length;
    ok = fclose(a->out) == 0 && ok;
    a->out = NULL;
    if (!text)
        return usage_error(&record_command, "out of memory: nothing was written");
    free(text);
    return ok ? 0 : usage_error(&record_command, "%s: %s", a->path, strerror(errno));
}

static int conclude(struct record_arguments *a, const struct wsh_record *record)
{
    size_t steps = wsh_record_steps(record), left_out = wsh_record_left_out(record);
    const char *secret = wsh_record_secret(record);
    int code = write_script(a, record);
    if (code != 0)
        return code;
    printf("%s: %zu lines\n", a->path, steps);
    if (left_out)
        printf("%zu of them say what was left out\n", left_out);
    if (steps)
        printf("replay: wsproof run %s://%s%s %s\n", a->url.tls ? "wss" : "ws", a->url.authority,
               wsh_record_path(record), a->path);
    fflush(stdout);
    if (secret)
        fprintf(stderr,
                "wsproof record: %s holds the value of %s; --set NAME=VALUE writes $NAME in its "
                "place\n",
                a->path, secret);
    return steps > 0 ? EXIT_EXPECTED : EXIT_INCOMPLETE;
}

static int relay(struct record_arguments *a, struct wsh_uv *uv)
{
    char error[300];
    const struct wsh_record_setup setup = {.id = a->id,
                                           .target = a->to,
                                           .authority = a->url.authority,
                                           .settings = a->settings.all,
                                           .frames = a->frames,
                                           .split = a->split,
                                           .keep = keep,
                                           .context = a,
                                           .stem = a->stem};
    const struct wsh_relay_setup between = {.port = (unsigned)a->port,
                                            .tls = a->tls,
                                            .connections = a->connections,
                                            .ready = say_ready,
                                            .context = a,
                                            .stop = &a->interrupted};
    struct wsh_record *record = wsh_record_new(&setup);
    if (!record)
        return usage_error(&record_command, "out of memory");
    int code = wsh_relay(uv, &between, record, error, sizeof error) == 0
                   ? conclude(a, record)
                   : usage_error(&record_command, "%s", error);
    wsh_record_free(record);
    return code;
}

static int listen_with_tls(struct record_arguments *a)
{
    char error[400];
    const char *key = a->key ? a->key : a->certificate;
    if (a->key && !a->certificate)
        return usage_error(&record_command, "--listen-key: expected --listen-cert beside it");
    if (!a->speak_tls && !a->certificate)
        return 0;
    a->tls = wsh_tls_server(a->certificate, key, error, sizeof error);
    return a->tls ? 0 : usage_error(&record_command, "%s", error);
}

static int with_loop(struct record_arguments *a, struct wsh_uv *uv)
{
    struct wsh_tls_context *tls = NULL;
    if (wsh_uv_catch(uv, &a->interrupted) != 0)
        return usage_error(&record_command, "cannot catch signals");
    int code = reach_apply(&a->reach, &a->url, a->url.tls, uv, &tls);
    if (code == 0)
        code = listen_with_tls(a);
    if (code == 0 && !(a->out = create(a, a->path)))
        code = usage_error(&record_command, "%s: %s%s", a->path, strerror(errno),
                           errno == EEXIST ? ": --force writes over it" : "");
    if (code == 0)
        code = relay(a, uv);
    if (a->out) { /* nothing was recorded */
        fclose(a->out);
        unlink(a->path);
    }
    wsh_tls_context_free(tls);
    wsh_tls_context_free(a->tls);
    return code;
}

static int run_record(int count, char **arguments)
{
    struct record_arguments a = {0};
    int code = read_arguments(&a, count, arguments);
    if (code == 0) {
        struct wsh_uv *uv = wsh_uv_new();
        code = uv ? with_loop(&a, uv) : usage_error(&record_command, "cannot make an event loop");
        wsh_uv_free(uv);
    }
    settings_drop(&a.settings);
    return code < 0 ? EXIT_EXPECTED : code;
}

const struct command record_command = {
    .name = "record",
    .usage = "[OPTION…] --to URL FILE",
    .what = "write what a client and a server say to each other as a script",
    .more =
        "Stands between them: the client connects to the port that is printed.  The script passes\n"
        "when it is replayed: `wsproof run URL FILE`.\n"
        "Exit codes: 0 recorded, 2 wrong usage or FILE cannot be written, 3 server unknown, 4 no\n"
        "client came.\n",
    .run = run_record,
};
