/* consumer.c - every header, and a ping answered; what is said is the wire form of the pong. */
#include <wsc/check.h>
#include <wsc/conn.h>
#include <wsc/deflate.h>
#include <wsc/frame.h>
#include <wsc/handshake.h>
#include <wsc/http.h>
#include <wsc/mask.h>
#include <wsc/rules.h>
#include <wsc/scan.h>
#include <wsc/simd.h>
#include <wsc/utf8.h>

#include <stdio.h>

int main(void)
{
    uint8_t out[256], ping[] = {0x89, 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2};
    char accept[WSC_ACCEPT_LEN + 1];
    const uint8_t *bytes;
    struct wsc_conn conn;
    struct wsc_event event;
    wsc_conn_init(&conn, &(struct wsc_conn_config){.role = WSC_SERVER}, out, sizeof out);
    wsc_conn_feed(&conn, ping, sizeof ping);
    while (wsc_conn_next(&conn, &event))
        continue;
    size_t n = wsc_conn_output(&conn, &bytes);
    for (size_t i = 0; i < n; i++)
        printf("%02x", bytes[i]);
    wsc_accept((struct wsc_text){"dGhlIHNhbXBsZSBub25jZQ==", WSC_KEY_LEN}, accept);
    printf(" %s %s\n", accept, wsc_rule_info(WSC_RULE_NONE)->name);
    return 0;
}
