/* init: look at a server, and write wsproof.conf. */
#include "cmd_run.h"
#include "commands.h"
#include "conf.h"
#include "reach.h"
#include "settings.h"
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wsh/limits.h>
#include <wsh/probe.h>
#include <wsq/secret.h>

enum { LONG_VALUE = 16, SEED = 1 };

struct init_arguments {
    struct reach reach;
    struct wsh_url url;
    struct texts headers;
    const char *conf, *text; /* the file; the URL as given */
    const char *expect;      /* the file for what fails; NULL: nothing is agreed to */
    uint64_t limits_ms;
    bool own_target, force, interrupted;
};

/* ---- arguments ---- */

static int read_arguments(struct init_arguments *a, int count, char **arguments)
{
    char error[200];
    struct texts rest = {0};
    a->reach.command = &init_command;
    a->conf = CONF_NAME;
    const struct option options[] = {
        {.kind = OPTION_TEXT,
         .name = "conf",
         .value = "FILE",
         .slot = &a->conf,
         .what = "write this file in place of ./wsproof.conf"},
        {.kind = OPTION_TEXT,
         .name = "expect",
         .value = "FILE",
         .slot = &a->expect,
         .what = "run all cases too, and agree to what fails today: it is written there"},
        {.kind = OPTION_FLAG,
         .name = "force",
         .slot = &a->force,
         .what = "write over these files if they are there"},
        {.kind = OPTION_LIST,
         .name = "header",
         .value = "'NAME: VALUE'",
         .slot = &a->headers,
         .what = "add a line to every opening handshake"},
        {.kind = OPTION_DURATION,
         .name = "limits",
         .value = "DURATION",
         .slot = &a->limits_ms,
         .what = "find what the target accepts too, waiting so long for its timeouts (30s)"},
        {.kind = OPTION_FLAG,
         .name = "i-own-this-target",
         .slot = &a->own_target,
         .what = "… of a target that is not on this machine"},
        {.kind = OPTION_TITLE, .what = "The way to the server:"},
        REACH_OPTIONS(&a->reach),
        {0}};
    int read = options_read(&init_command, options, count, arguments, &rest);
    if (read != 0)
        return read < 0 ? EXIT_USAGE : EXIT_EXPECTED;
    if (rest.count != 1)
        return usage_error(&init_command, "expected one URL, such as ws://127.0.0.1:8080/");
    a->text = rest.list[0];
    if (wsh_url_parse(a->text, &a->url, error, sizeof error) != 0)
        return usage_error(&init_command, "%s: %s", a->text, error);
    for (size_t i = 0; i < a->headers.count; i++)
        if (!strchr(a->headers.list[i], ':') || strpbrk(a->headers.list[i], "\r\n"))
            return usage_error(&init_command, "--header: expected 'Name: value', found \"%s\"",
                               a->headers.list[i]);
    return reach_check(&a->reach);
}

/* ---- the file ---- */

/* As in a report: values whose names say so, and long ones, which are hardly words. */
static bool has_secret(const struct wsh_url *url)
{
    const char *p = strchr(url->path, '?');
    while (p && *p) {
        p++;
        size_t length = strcspn(p, "&"), name = strcspn(p, "=&");
        if (name < length && (wsq_secret_name(p, name) || length - name - 1 >= LONG_VALUE))
            return true;
        p += length;
    }
    return false;
}

static void put_target(const struct init_arguments *a, struct wsq_text *out)
{
    char shown[WSH_PATH_MAX * 2 + WSH_HOST_MAX + 64];
    wsh_url_print(&a->url, shown, sizeof shown);
    if (has_secret(&a->url))
        wsq_text_printf(
            out, "# It holds a secret, and so is given on the command line:\n# url = %s\n", shown);
    else
        wsq_text_printf(out, "url = %s\n", a->text);
    for (size_t i = 0; i < a->headers.count; i++) {
        const char *line = a->headers.list[i];
        size_t name = strcspn(line, ":");
        if (wsq_secret_name(line, name))
            wsq_text_printf(out, "# A secret, given with --header:\n# header = %.*s: …\n",
                            (int)name, line);
        else
            wsq_text_printf(out, "header = %s\n", line);
    }
}

/* Relative to the folder of the file is what its reader makes of it. */
static void put_path(const struct init_arguments *a, struct wsq_text *out, const char *key,
                     const char *path)
{
    char here[4096];
    bool elsewhere = path && *path != '/' && strchr(a->conf, '/') && getcwd(here, sizeof here);
    if (path)
        wsq_text_printf(out, "%s = %s%s%s\n", key, elsewhere ? here : "", elsewhere ? "/" : "",
                        path);
}

static void put_line(struct wsq_text *out, const char *key, const char *value)
{
    if (value)
        wsq_text_printf(out, "%s = %s\n", key, value);
}

static void put_reach(const struct init_arguments *a, struct wsq_text *out)
{
    const struct reach *r = &a->reach;
    put_path(a, out, "ca", r->ca);
    put_line(out, "insecure", r->insecure ? "yes" : NULL);
    put_line(out, "sni", r->sni);
    put_path(a, out, "cert", r->certificate);
    put_path(a, out, "key", r->key);
    put_line(out, "tls-min", r->tls_min);
    put_line(out, "tls-max", r->tls_max);
    put_line(out, "connect", r->connect);
    put_path(a, out, "unix", r->socket);
    put_line(out, "proxy", r->proxy);
}

static void put_capability(struct wsq_text *out, const char *name, bool found, const char *value)
{
    if (found && value) {
        wsq_text_puts(out, "# It answered ");
        wsq_text_visible(out, value, strlen(value));
        wsq_text_puts(out, ".\n");
    }
    if (found)
        wsq_text_printf(out, "has = %s\n", name);
    else
        wsq_text_printf(out, "# no %s\n", name);
}

static void put_limits(const struct wsq_run *run, struct wsq_text *out)
{
    if (run->limit_count)
        wsq_text_puts(out, "\n# What it accepts:\n");
    for (size_t i = 0; i < run->limit_count; i++) {
        const struct wsq_limit *limit = &run->limits[i];
        char *text = wsq_limit_text(limit);
        wsq_text_puts(out, "# ");
        wsq_text_visible(out, text ? text : "", text ? strlen(text) : 0);
        wsq_text_puts(out, "\n");
        free(text);
        if (strcmp(limit->name, "message") == 0 && limit->held && limit->refused)
            wsq_text_printf(out, "set = message_limit=%llu\n", (unsigned long long)limit->held);
    }
}

static char *write_text(const struct init_arguments *a, const struct wsh_probe *probe,
                        const struct wsq_run *run)
{
    struct wsq_text out = {0};
    wsq_text_puts(&out,
                  "# How `wsproof run` proves this server; written by `wsproof init`.\n"
                  "# Keys are the options of `wsproof run` without their dashes, and url.\n\n");
    put_target(a, &out);
    put_reach(a, &out);
    if (probe->server) {
        wsq_text_puts(&out, "# It says that it is ");
        wsq_text_visible(&out, probe->server, strlen(probe->server));
        wsq_text_puts(&out, ".\n");
    }
    wsq_text_puts(&out, "\n# What it does; to do so no more is a failure.\n");
    put_capability(&out, "echo", probe->echo, NULL);
    put_capability(&out, "permessage-deflate", probe->deflate, probe->extensions);
    put_capability(&out, "subprotocol", probe->subprotocol, probe->protocol);
    put_limits(run, &out);
    wsq_text_puts(&out,
                  a->expect
                      ? "\n# What is known and agreed to:\n"
                      : "\n# What is known and agreed to; `wsproof init --expect FILE` writes it:\n"
                        "# expect = wsproof.expect\n");
    put_path(a, &out, "expect", a->expect);
    return wsq_text_take(&out, NULL);
}

static int write_file(const struct init_arguments *a, const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | (a->force ? O_TRUNC : O_EXCL), 0666);
    FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool there = fd < 0 && errno == EEXIST;
    bool ok = file && fputs(text, file) >= 0;
    if (file)
        ok = fclose(file) == 0 && ok;
    if (ok)
        return 0;
    return usage_error(&init_command, "%s: %s%s", path, strerror(errno),
                       there ? ": --force writes over it" : "");
}

/* ---- looking ---- */

static void on_looking(void *terminal, const char *what)
{
    terminal_looking(terminal, what);
}

static void look_for_limits(const struct init_arguments *a, const struct wsh_probe *probe,
                            struct wsh_uv *uv, struct wsq_run *run)
{
    struct terminal terminal;
    terminal_init(&terminal, stdout, NULL, false, false);
    const struct wsh_limits limits = {.loop = wsh_uv_loop(uv),
                                      .profile = probe->profile,
                                      .seed = SEED,
                                      .patience_ms = probe->patience_ms,
                                      .wait_ms = a->limits_ms,
                                      .served = probe->served,
                                      .breath_ms = probe->breath_ms,
                                      .looking = on_looking,
                                      .listener = &terminal,
                                      .interrupted = &a->interrupted};
    if (a->limits_ms && probe->accepted)
        wsh_limits_find(&limits, run);
    terminal_clear(&terminal);
}

/* By another name too; the first of the two is there. */
static bool is_one_file(const char *name, const char *other)
{
    struct stat first, second;
    return stat(name, &first) == 0 && stat(other, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static int report(const struct init_arguments *a, const struct wsh_probe *probe,
                  const struct wsq_run *run)
{
    char *text = write_text(a, probe, run), *facts = wsh_probe_facts(probe, false);
    int code = text ? write_file(a, a->conf, text) : usage_error(&init_command, "out of memory");
    if (code == 0 && a->expect && is_one_file(a->conf, a->expect))
        code = usage_error(&init_command, "--expect: expected another file than %s", a->conf);
    if (code == 0 && a->expect) /* wsproof.conf names it, whatever becomes of the run */
        code = write_file(a, a->expect, "# Nothing is agreed to yet.\n");
    if (code == 0) {
        printf("%s\n", facts ? facts : "");
        printf("%s is written; `wsproof run%s%s` uses it\n", a->conf,
               strcmp(a->conf, CONF_NAME) == 0 ? "" : " --conf ",
               strcmp(a->conf, CONF_NAME) == 0 ? "" : a->conf);
    }
    if (code == 0 && !probe->accepted)
        fputs("wsproof init: the plain handshake is refused: is a --header missing, or the path "
              "another?\n",
              stderr);
    free(text);
    free(facts);
    return code;
}

static int look(struct init_arguments *a, struct wsh_uv *uv)
{
    struct wss_profile profile = {.host = a->url.host,
                                  .port = a->url.port,
                                  .authority = a->url.authority,
                                  .path = a->url.path,
                                  .headers = a->headers.list,
                                  .header_count = a->headers.count};
    struct wsh_probe probe;
    struct wsq_run run = {0};
    int code = 0;
    if (!wsh_probe_init(&probe, &profile, SEED, 0)) {
        wsh_probe_drop(&probe);
        return usage_error(&init_command, "out of memory");
    }
    wsh_probe_ask(&probe, "echo");
    wsh_probe_ask(&probe, "permessage-deflate");
    wsh_probe_ask(&probe, "subprotocol");
    probe.at_once = a->limits_ms ? WSH_TIMEOUTS : 0;
    wsh_probe_run(&probe, wsh_uv_loop(uv), &a->interrupted);
    if (!probe.reachable) {
        fprintf(stderr, "wsproof init: target unreachable: %s\n", probe.unreachable);
        code = EXIT_UNREACHABLE;
    } else {
        look_for_limits(a, &probe, uv, &run);
        code = a->interrupted ? EXIT_INCOMPLETE : report(a, &probe, &run);
    }
    wsq_run_drop(&run);
    wsh_probe_drop(&probe);
    return code;
}

static int check_files(const struct init_arguments *a)
{
    const char *files[] = {a->conf, a->expect};
    for (size_t i = 0; i < 2 && !a->force; i++)
        if (files[i] && access(files[i], F_OK) == 0)
            return usage_error(&init_command, "%s: File exists: --force writes over it", files[i]);
    return 0;
}

static int with_loop(struct init_arguments *a, struct wsh_uv *uv)
{
    struct wsh_tls_context *tls = NULL;
    if (wsh_uv_catch(uv, &a->interrupted) != 0)
        return usage_error(&init_command, "cannot catch signals");
    int code = reach_apply(&a->reach, &a->url, a->url.tls, uv, &tls);
    if (code == 0 && a->limits_ms && !a->own_target && !wsh_uv_is_loopback(uv))
        code = usage_error(&init_command,
                           "--limits: a target on another machine needs --i-own-this-target");
    if (code == 0)
        code = check_files(a);
    if (code == 0)
        code = look(a, uv);
    wsh_tls_context_free(tls);
    return code;
}

/* As `wsproof run` will, with the secrets that the file leaves out. */
static int prove(const struct init_arguments *a)
{
    char **words = calloc(2 * a->headers.count + 4, sizeof *words);
    int count = 0;
    if (!words)
        return usage_error(&init_command, "out of memory");
    words[count++] = texts_copy("--conf", strlen("--conf"));
    words[count++] = texts_copy(a->conf, strlen(a->conf));
    for (size_t i = 0; i < a->headers.count; i++) {
        words[count++] = texts_copy("--header", strlen("--header"));
        words[count++] = texts_copy(a->headers.list[i], strlen(a->headers.list[i]));
    }
    if (a->own_target)
        words[count++] = texts_copy("--i-own-this-target", strlen("--i-own-this-target"));
    words[count++] = texts_copy(a->text, strlen(a->text));
    int code = run_to_agree(count, words);
    free(words);
    return code;
}

static int run_init(int count, char **arguments)
{
    struct init_arguments a = {0};
    int code = read_arguments(&a, count, arguments);
    if (code >= 0)
        return code;
    struct wsh_uv *uv = wsh_uv_new();
    code = uv ? with_loop(&a, uv) : usage_error(&init_command, "cannot make an event loop");
    wsh_uv_free(uv);
    return code == 0 && a.expect ? prove(&a) : code;
}

const struct command init_command = {
    .name = "init",
    .usage = "[OPTION…] URL",
    .what = "look at a server, and write wsproof.conf for `wsproof run`",
    .more = "The file has no secrets: header lines and URLs that hold one are left to the command "
            "line.  Without --expect no case is run, and nothing is agreed to.\n"
            "Exit codes: 0 written, 2 wrong usage or a file cannot be written, 3 target "
            "unreachable,\n"
            "4 the run is incomplete.\n",
    .run = run_init,
};
