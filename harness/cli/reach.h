/* reach.h - the way to the target: TLS, another address, a Unix socket, a proxy. */
#ifndef WSPROOF_REACH_H
#define WSPROOF_REACH_H

#include "options.h"

#include <wsh/loop_uv.h>
#include <wsh/url.h>
#include <wsq/text.h>

struct reach {                     /* as the options say */
    const struct command *command; /* in whose name mistakes are told */
    const char *ca, *sni, *certificate, *key, *tls_min, *tls_max;
    const char *connect, *socket, *proxy;
    bool insecure;
};

/* Rows of a table of options. */
#define REACH_OPTIONS(reach)                                                                       \
    {.kind = OPTION_TEXT,                                                                          \
     .name = "ca",                                                                                 \
     .value = "FILE",                                                                              \
     .slot = &(reach)->ca,                                                                         \
     .what = "trust these certificates (PEM) in place of the system's"},                           \
        {.kind = OPTION_FLAG,                                                                      \
         .name = "insecure",                                                                       \
         .slot = &(reach)->insecure,                                                               \
         .what = "accept any certificate"},                                                        \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "sni",                                                                            \
         .value = "NAME",                                                                          \
         .slot = &(reach)->sni,                                                                    \
         .what = "ask TLS for this name, and expect it, in place of the URL's host"},              \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "cert",                                                                           \
         .value = "FILE",                                                                          \
         .slot = &(reach)->certificate,                                                            \
         .what = "our certificate (PEM), if the target asks for one"},                             \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "key",                                                                            \
         .value = "FILE",                                                                          \
         .slot = &(reach)->key,                                                                    \
         .what = "its key; if it is not in the same file"},                                        \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "tls-min",                                                                        \
         .value = "VERSION",                                                                       \
         .slot = &(reach)->tls_min,                                                                \
         .what = "the lowest version of TLS, 1.0 to 1.3"},                                         \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "tls-max",                                                                        \
         .value = "VERSION",                                                                       \
         .slot = &(reach)->tls_max,                                                                \
         .what = "the highest"},                                                                   \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "connect",                                                                        \
         .value = "HOST:PORT",                                                                     \
         .slot = &(reach)->connect,                                                                \
         .what = "connect there; the URL still says what is asked for"},                           \
        {.kind = OPTION_TEXT,                                                                      \
         .name = "unix",                                                                           \
         .value = "PATH",                                                                          \
         .slot = &(reach)->socket,                                                                 \
         .what = "connect to this Unix socket, likewise"},                                         \
    {                                                                                              \
        .kind = OPTION_TEXT, .name = "proxy", .value = "http://HOST:PORT",                         \
        .slot = &(reach)->proxy, .what = "go through this HTTP proxy, with CONNECT"                \
    }

/* -1: go on; else the exit code, after saying which option is wrong. */
int reach_check(const struct reach *reach);
/* The text as one word of a shell. */
void add_quoted(struct wsq_text *out, const char *text);
/* Appends those given, as on a command line. */
void reach_add(const struct reach *reach, struct wsq_text *out);
/* Tells the loop.  *tls is the caller's, and must outlive the loop; NULL unless `speaks_tls`.
 * 0, or the exit code, after saying what is wrong. */
int reach_apply(const struct reach *reach, const struct wsh_url *url, bool speaks_tls,
                struct wsh_uv *uv, struct wsh_tls_context **tls);

#endif
