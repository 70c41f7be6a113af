#include "site.h"

#include <string.h>

const char *const wsp_site_protocols[] = {"chat", "echo", NULL};

struct span {
    const char *p;
    size_t n;
};

static bool equals(struct span span, const char *word)
{
    return span.n == strlen(word) && memcmp(span.p, word, span.n) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool begins_nocase(struct span span, const char *word)
{
    size_t n = strlen(word);

    if (span.n < n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (lower(span.p[i]) != lower(word[i]))
            return false;
    return true;
}

static struct span behind(struct span span, size_t n)
{
    return (struct span){span.p + n, span.n - n};
}

/* "http://host:port/path" names the same place as "/path"; an empty path is "/".  One slash in
 * front of the host is enough: libwebsockets joins runs of slashes before it shows the target. */
static struct span without_authority(struct span target)
{
    size_t n = 0;

    if (begins_nocase(target, "http:/"))
        n = strlen("http:/");
    else if (begins_nocase(target, "https:/"))
        n = strlen("https:/");
    else
        return target;
    if (n < target.n && target.p[n] == '/')
        n++;
    while (n < target.n && target.p[n] != '/' && target.p[n] != '?')
        n++;
    if (n == target.n || target.p[n] == '?')
        return (struct span){"/", 1};
    return behind(target, n);
}

static struct span path_of(struct span target)
{
    struct span path = without_authority(target);
    const char *query = memchr(path.p, '?', path.n);

    if (query)
        path.n = (size_t)(query - path.p);
    return path;
}

/* The codes that an endpoint may write: RFC 6455, section 7.4, and those that IANA registered
 * since. */
static bool sendable(unsigned code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static bool read_code(struct span digits, uint16_t *code)
{
    unsigned value = 0;

    if (digits.n != 4)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return false;
        value = value * 10 + (unsigned)(digits.p[i] - '0');
    }
    *code = (uint16_t)value;
    return sendable(value);
}

static bool read_room(struct span name, char room[33])
{
    if (name.n > 32 || memchr(name.p, '/', name.n))
        return false;
    memcpy(room, name.p, name.n);
    return true;
}

bool wsp_site_find(const char *target, size_t len, struct wsp_place *place)
{
    static const char closing[] = "/close/", room[] = "/room/";
    struct span path = path_of((struct span){target, len});

    *place = (struct wsp_place){0};
    if (equals(path, "/"))
        return true;
    if (equals(path, "/protected"))
        return place->guarded = true;
    if (equals(path, "/foo"))
        place->greeting = "foo";
    else if (equals(path, "/bar"))
        place->greeting = "bar";
    else if (equals(path, "/moved"))
        place->moved_to = "/";
    else if (path.n > strlen(room) && memcmp(path.p, room, strlen(room)) == 0)
        return read_room(behind(path, strlen(room)), place->room);
    else if (path.n > strlen(closing) && memcmp(path.p, closing, strlen(closing)) == 0)
        return read_code(behind(path, strlen(closing)), &place->close_code);
    return place->greeting || place->moved_to;
}

bool wsp_site_admits(const char *authorization, size_t len)
{
    /* base64 of WSP_SITE_USER ":" WSP_SITE_PASSWORD */
    static const char basic[] = "d3Nwcm9vZjpzZWNyZXQ=";
    struct span value = {authorization, len};
    const char *wanted;

    if (begins_nocase(value, "Basic ")) {
        value = behind(value, strlen("Basic "));
        wanted = basic;
    } else if (begins_nocase(value, "Bearer ")) {
        value = behind(value, strlen("Bearer "));
        wanted = WSP_SITE_TOKEN;
    } else {
        return false;
    }
    while (value.n > 0 && value.p[0] == ' ')
        value = behind(value, 1);
    return equals(value, wanted);
}

/* scheme://host[:port], and the host's last label is "invalid". */
bool wsp_site_welcomes(const char *origin, size_t len)
{
    static const char nobody[] = ".invalid";
    const char *end = origin + len;

    while (end > origin && end[-1] >= '0' && end[-1] <= '9')
        end--;
    end = end > origin && end[-1] == ':' ? end - 1 : origin + len;
    len = (size_t)(end - origin);
    return len < strlen(nobody) ||
           !begins_nocase((struct span){end - strlen(nobody), strlen(nobody)}, nobody);
}
