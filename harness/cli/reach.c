#include "reach.h"

#include "commands.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "1.2" as 12, 0 when absent; 99 when it is none. */
static unsigned version_of(const char *text)
{
    if (!text)
        return 0;
    bool good =
        strlen(text) == 3 && text[0] == '1' && text[1] == '.' && text[2] >= '0' && text[2] <= '3';
    return good ? 10 + (unsigned)(text[2] - '0') : 99;
}

/* "host:port" or "[v6]:port"; the URL reader knows how. */
static int read_authority(const struct command *command, const char *option, const char *text,
                          struct wsh_url *out)
{
    char url[WSH_HOST_MAX + 40], error[200];
    const char *colon = strrchr(text, ':');
    bool port = colon && colon[1] && !strchr(colon, ']');
    snprintf(url, sizeof url, "ws://%s", text);
    if (!port || strlen(url) + 1 >= sizeof url || text[strcspn(text, "/?#@")] != '\0')
        return usage_error(command, "%s: expected HOST:PORT, found \"%s\"", option, text);
    if (wsh_url_parse(url, out, error, sizeof error) != 0)
        return usage_error(command, "%s: %s: %s", option, text, error);
    return -1;
}

static int read_proxy(const struct command *command, const char *text, struct wsh_url *out)
{
    char authority[WSH_HOST_MAX + 16];
    if (strncasecmp(text, "http://", 7) != 0)
        return usage_error(command, "--proxy: expected http://HOST:PORT, found \"%s\"", text);
    size_t n = strcspn(text + 7, "/");
    if (n >= sizeof authority || (text[7 + n] == '/' && text[7 + n + 1] != '\0'))
        return usage_error(command, "--proxy: expected http://HOST:PORT, found \"%s\"", text);
    memcpy(authority, text + 7, n);
    authority[n] = '\0';
    return read_authority(command, "--proxy", authority, out);
}

int reach_check(const struct reach *reach)
{
    struct wsh_url unused;
    unsigned min = version_of(reach->tls_min), max = version_of(reach->tls_max);
    if (min == 99 || max == 99)
        return usage_error(reach->command, "--tls-%s: expected 1.0, 1.1, 1.2 or 1.3, found \"%s\"",
                           min == 99 ? "min" : "max", min == 99 ? reach->tls_min : reach->tls_max);
    if (max && min > max)
        return usage_error(reach->command, "--tls-min: expected at most %s of --tls-max, found %s",
                           reach->tls_max, reach->tls_min);
    if (reach->key && !reach->certificate)
        return usage_error(reach->command, "--key: expected --cert beside it");
    if (reach->insecure && reach->ca)
        return usage_error(reach->command, "--insecure accepts any certificate: drop it, or --ca");
    if ((reach->connect != NULL) + (reach->socket != NULL) + (reach->proxy != NULL) > 1)
        return usage_error(reach->command, "expected one of --connect, --unix and --proxy");
    int code =
        reach->connect ? read_authority(reach->command, "--connect", reach->connect, &unused) : -1;
    return code < 0 && reach->proxy ? read_proxy(reach->command, reach->proxy, &unused) : code;
}

void add_quoted(struct wsq_text *out, const char *text)
{
    wsq_text_puts(out, "'");
    for (; *text; text++) {
        if (*text == '\'')
            wsq_text_puts(out, "'\\''");
        else
            wsq_text_add(out, text, 1);
    }
    wsq_text_puts(out, "'");
}

static void add_one(struct wsq_text *out, const char *option, const char *value)
{
    if (!value)
        return;
    wsq_text_printf(out, " %s ", option);
    add_quoted(out, value);
}

void reach_add(const struct reach *reach, struct wsq_text *out)
{
    add_one(out, "--ca", reach->ca);
    wsq_text_puts(out, reach->insecure ? " --insecure" : "");
    add_one(out, "--sni", reach->sni);
    add_one(out, "--cert", reach->certificate);
    add_one(out, "--key", reach->key);
    add_one(out, "--tls-min", reach->tls_min);
    add_one(out, "--tls-max", reach->tls_max);
    add_one(out, "--connect", reach->connect);
    add_one(out, "--unix", reach->socket);
    add_one(out, "--proxy", reach->proxy);
}

static bool is_address(const struct wsh_url *url)
{
    return url->ipv6 || url->host[strspn(url->host, "0123456789.")] == '\0';
}

static int set_up_tls(const struct reach *reach, const struct wsh_url *url, struct wsh_uv *uv,
                      struct wsh_tls_context **tls)
{
    char error[400];
    const struct wsh_tls_setup setup = {.ca = reach->ca,
                                        .insecure = reach->insecure,
                                        .name = url->host,
                                        .address = is_address(url),
                                        .sni = reach->sni,
                                        .certificate = reach->certificate,
                                        .key = reach->key ? reach->key : reach->certificate,
                                        .min = version_of(reach->tls_min),
                                        .max = version_of(reach->tls_max)};
    *tls = wsh_tls_client(&setup, error, sizeof error);
    if (!*tls)
        return usage_error(reach->command, "%s", error);
    wsh_uv_speak_tls(uv, *tls, url->tls);
    return 0;
}

/* As CONNECT wants it: the port always, IPv6 in brackets. */
static bool through_proxy(const struct wsh_url *url, struct wsh_uv *uv)
{
    char authority[WSH_HOST_MAX + 16];
    snprintf(authority, sizeof authority, "%s%s%s:%u", url->ipv6 ? "[" : "", url->host,
             url->ipv6 ? "]" : "", url->port);
    return wsh_uv_through_proxy(uv, authority);
}

int reach_apply(const struct reach *reach, const struct wsh_url *url, bool speaks_tls,
                struct wsh_uv *uv, struct wsh_tls_context **tls)
{
    char error[400];
    struct wsh_url to = *url;
    *tls = NULL;
    int code = speaks_tls ? set_up_tls(reach, url, uv, tls) : 0;
    if (code != 0)
        return code;
    if (reach->socket)
        return wsh_uv_socket(uv, reach->socket) ? 0 : usage_error(reach->command, "out of memory");
    if (reach->connect)
        read_authority(reach->command, "--connect", reach->connect, &to);
    if (reach->proxy)
        read_proxy(reach->command, reach->proxy, &to);
    if (wsh_uv_target(uv, to.host, to.port, error, sizeof error) != 0) {
        usage_error(reach->command, "%s", error);
        return EXIT_UNREACHABLE;
    }
    if (reach->proxy && !through_proxy(url, uv))
        return usage_error(reach->command, "out of memory");
    return 0;
}
