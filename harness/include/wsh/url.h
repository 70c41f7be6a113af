/* wsh/url.h - the address of a target.
 *
 * RFC 6455, section 3: ws-URI = "ws:" "//" host [ ":" port ] path [ "?" query ], and the same with
 * "wss:", over TLS.
 */
#ifndef WSH_URL_H
#define WSH_URL_H

#include <stdbool.h>
#include <stddef.h>

enum { WSH_HOST_MAX = 255, WSH_PATH_MAX = 4096 };

struct wsh_url {
    char host[WSH_HOST_MAX + 1]; /* a name, an IPv4 address, or an IPv6 address without brackets */
    bool ipv6;                   /* host was written in brackets */
    bool tls;                    /* wss:// */
    unsigned port;               /* 80, or 443 with TLS, when absent */
    char authority[WSH_HOST_MAX + 16]; /* the value of Host: no default port, IPv6 in brackets */
    char path[WSH_PATH_MAX + 1];       /* path and query, at least "/" */
};

/* 0, or -1 and a sentence in error that says what was expected. */
int wsh_url_parse(const char *text, struct wsh_url *url, char *error, size_t size);

/* The URL as reports show it: values in the query are replaced, since they may be secrets. */
void wsh_url_print(const struct wsh_url *url, char *out, size_t size);

#endif
