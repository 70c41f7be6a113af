/* reach.h - the way to the target: TLS, another address, a Unix socket, a proxy. */
#ifndef WSPROOF_REACH_H
#define WSPROOF_REACH_H

#include <wsh/loop_uv.h>
#include <wsh/url.h>
#include <wsq/text.h>

struct reach { /* as the options say */
    const char *ca, *sni, *certificate, *key, *tls_min, *tls_max;
    const char *connect, *socket, *proxy;
    bool insecure;
};

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
