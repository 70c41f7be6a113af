#include <wsh/url.h>

#include <stdio.h>
#include <string.h>
#include <strings.h>

static int wrong(char *error, size_t size, const char *text)
{
    snprintf(error, size, "%s", text);
    return -1;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_host_char(char c, bool ipv6)
{
    if (ipv6)
        return is_hex(c) || c == ':' || c == '.';
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.' || c == '_';
}

/* Reads "host" or "[v6]"; returns what stands behind it, or NULL. */
static const char *read_host(const char *p, struct wsh_url *url, char *error, size_t size)
{
    url->ipv6 = *p == '[';
    if (url->ipv6)
        p++;
    size_t n = 0;
    while (is_host_char(p[n], url->ipv6))
        n++;
    if (n == 0 || n > WSH_HOST_MAX) {
        wrong(error, size, "expected a host name or an address behind `ws://`");
        return NULL;
    }
    memcpy(url->host, p, n);
    p += n;
    if (url->ipv6 && *p++ != ']') {
        wrong(error, size, "expected `]` behind an IPv6 address");
        return NULL;
    }
    return p;
}

static const char *read_port(const char *p, struct wsh_url *url, char *error, size_t size)
{
    url->port = url->tls ? 443 : 80;
    if (*p != ':')
        return p;
    p++;
    if (*p < '0' || *p > '9') /* "ws://h:/" has the default port (RFC 3986, section 6.2.3) */
        return p;
    unsigned port = 0;
    for (; *p >= '0' && *p <= '9' && port <= 65535; p++)
        port = port * 10 + (unsigned)(*p - '0');
    if (port == 0 || port > 65535) {
        wrong(error, size, "expected a port from 1 to 65535");
        return NULL;
    }
    url->port = port;
    return p;
}

static int read_path(const char *p, struct wsh_url *url, char *error, size_t size)
{
    if (*p != '\0' && *p != '/' && *p != '?')
        return wrong(error, size,
                     *p == '#' ? "a ws:// URL has no `#` (RFC 6455, section 3)"
                               : "expected a port, a path or the end behind the host");
    size_t at = 0;
    if (*p != '/')
        url->path[at++] = '/';
    for (; *p; p++) {
        if (*p == '#')
            return wrong(error, size, "a ws:// URL has no `#` (RFC 6455, section 3)");
        if (*p <= ' ' || *p > '~')
            return wrong(error, size, "expected printable ASCII in the path: write others as %XX");
        if (*p == '%' && !(is_hex(p[1]) && is_hex(p[2])))
            return wrong(error, size, "expected two hex digits behind `%`");
        if (at == WSH_PATH_MAX)
            return wrong(error, size, "the path is longer than 4096 bytes");
        url->path[at++] = *p;
    }
    return 0;
}

int wsh_url_parse(const char *text, struct wsh_url *url, char *error, size_t size)
{
    memset(url, 0, sizeof *url);
    url->tls = strncasecmp(text, "wss://", 6) == 0;
    if (!url->tls && strncasecmp(text, "ws://", 5) != 0)
        return wrong(error, size, "expected a URL that begins with ws:// or wss://");
    const char *p = text + (url->tls ? 6 : 5);
    size_t authority = strcspn(p, "/?#");
    if (memchr(p, '@', authority))
        return wrong(error, size, "a ws:// URL has no user name or password: use --header");
    p = read_host(p, url, error, size);
    if (p)
        p = read_port(p, url, error, size);
    if (!p)
        return -1;
    if (read_path(p, url, error, size) != 0)
        return -1;
    const char *open = url->ipv6 ? "[" : "", *close = url->ipv6 ? "]" : "";
    if (url->port == (url->tls ? 443 : 80))
        snprintf(url->authority, sizeof url->authority, "%s%s%s", open, url->host, close);
    else
        snprintf(url->authority, sizeof url->authority, "%s%s%s:%u", open, url->host, close,
                 url->port);
    return 0;
}

void wsh_url_print(const struct wsh_url *url, char *out, size_t size)
{
    char path[2 * WSH_PATH_MAX];
    size_t n = 0;
    bool query = false, hidden = false;
    for (const char *p = url->path; *p && n + 8 < sizeof path; p++) {
        if (*p == '&' || *p == '?')
            hidden = false;
        if (!hidden)
            path[n++] = *p;
        query = query || *p == '?';
        if (query && *p == '=' && !hidden) {
            hidden = true;
            if (p[1] && p[1] != '&') {
                memcpy(path + n, "***", 3);
                n += 3;
            }
        }
    }
    path[n] = '\0';
    snprintf(out, size, "%s://%s%s", url->tls ? "wss" : "ws", url->authority, path);
}
