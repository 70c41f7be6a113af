/* wsh/loop_uv.h - tasks over TCP, TLS and Unix sockets, with libuv.
 *
 * Deadlines are judged in a uv_check after a poll pass that found nothing for the run, never in a
 * timer's callback: libuv runs due timers before it polls, and our own delay must not become the
 * peer's fault. Time in which this loop ran late is given back to every run.  After a failed write
 * reading goes on.
 */
#ifndef WSH_LOOP_UV_H
#define WSH_LOOP_UV_H

#include <wsh/loop.h>
#include <wsh/tls.h>

struct wsh_uv;

/* NULL when the loop cannot be made. */
struct wsh_uv *wsh_uv_new(void);
void wsh_uv_free(struct wsh_uv *uv); /* all tasks must have ended */
struct wsh_loop *wsh_uv_loop(struct wsh_uv *uv);

/* Looks the host up (it may block) and keeps its addresses, IPv6 and IPv4; each connection tries
 * them in turn, beginning with the last that worked.  0, or -1 and a sentence in error. */
int wsh_uv_target(struct wsh_uv *uv, const char *host, unsigned port, char *error, size_t size);
/* Are all addresses of the target on this machine? */
bool wsh_uv_is_loopback(const struct wsh_uv *uv);

/* In place of wsh_uv_target: a Unix socket.  False when memory ends. */
bool wsh_uv_socket(struct wsh_uv *uv, const char *path);
/* What wsh_uv_target named is a proxy: connections ask it for "host:port" with CONNECT (RFC 9110,
 * section 9.3.6).  False when memory ends. */
bool wsh_uv_through_proxy(struct wsh_uv *uv, const char *authority);
/* How to speak TLS, and whether connections do where a script does not say.  `tls` must outlive the
 * loop. */
void wsh_uv_speak_tls(struct wsh_uv *uv, struct wsh_tls_context *tls, bool wanted);

/* Listens on loopback for the clients that WSS_ACCEPT hands out; *port 0 picks one and says which.
 */
int wsh_uv_listen(struct wsh_uv *uv, unsigned *port, char *error, size_t size);

/* Sets *interrupted once SIGINT, SIGTERM or SIGHUP comes; a second one has its usual effect. */
int wsh_uv_catch(struct wsh_uv *uv, bool *interrupted);

#endif
