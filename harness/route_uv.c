#include "uv_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
        return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
    }
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr) ||
           (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) && v6->sin6_addr.s6_addr[12] == 127);
}

int wsh_uv_target(struct wsh_uv *uv, const char *host, unsigned port, char *error, size_t size)
{
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    uv_getaddrinfo_t request = {0};
    int status = uv_getaddrinfo(&uv->loop, &request, NULL, host, service, &hints);
    if (status != 0) {
        snprintf(error, size, "cannot find the address of %s: %s", host, uv_strerror(status));
        return -1;
    }
    uv->address_count = 0;
    uv->good_address = 0;
    uv->loopback = true;
    for (const struct addrinfo *a = request.addrinfo; a; a = a->ai_next) {
        if (uv->address_count == WSH_ADDRESSES_MAX || a->ai_addrlen > sizeof uv->addresses[0])
            continue;
        memcpy(&uv->addresses[uv->address_count++], a->ai_addr, a->ai_addrlen);
        uv->loopback = uv->loopback && is_loopback(a->ai_addr);
    }
    uv_freeaddrinfo(request.addrinfo);
    if (uv->address_count == 0) {
        snprintf(error, size, "%s has no address", host);
        return -1;
    }
    return 0;
}

bool wsh_uv_is_loopback(const struct wsh_uv *uv)
{
    return uv->loopback;
}

bool wsh_uv_socket(struct wsh_uv *uv, const char *path)
{
    uv->socket_path = wsq_dup(path);
    uv->loopback = true;
    return uv->socket_path != NULL;
}

bool wsh_uv_through_proxy(struct wsh_uv *uv, const char *authority)
{
    uv->proxy_request = wsq_format("CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", authority, authority);
    uv->loopback = false; /* whose the target is, only the proxy knows */
    return uv->proxy_request != NULL;
}

void wsh_uv_speak_tls(struct wsh_uv *uv, struct wsh_tls_context *tls, bool wanted)
{
    uv->tls = tls;
    uv->tls_wanted = wanted;
}
