/* wsh/record.h - turn the bytes between a client and a server into a script that replays them.
 *
 * Stands in the middle: what came from either side is handed in, a script comes out.  No sockets
 * and no clocks; any bytes may come, and the script always parses: what it cannot say stands in it
 * as a comment that begins with "left out:".
 *
 * Messages are asserted and not their frames, unless asked or unless the frames break a rule.  Not
 * written is what comes by itself in a replay (pongs, the answer to a Close, keys, masks), what the
 * server is free to do (pings, most header lines), and time, but for long waits (`within`).
 */
#ifndef WSH_RECORD_H
#define WSH_RECORD_H

#include <wsn/notation.h>
#include <wss/plan.h>

struct wsh_record;

struct wsh_record_setup {
    const char *id;               /* of the case: "recorded/login" */
    const char *target;           /* the server, as a comment names it */
    const char *authority;        /* what requests name as Host */
    struct wss_settings settings; /* values that stand in the script as $NAME; at most 64 */
    bool frames;                  /* write frames as they came */
    bool split;                   /* a case for all that was open at once, not one for everything */
    /* Keeps a large payload as a file beside the script; its name is `stem`-N.bin.  NULL: such
     * payloads are left out. */
    bool (*keep)(void *context, const char *name, const uint8_t *data, size_t len);
    void *context;
    const char *stem;
};

/* The setup's texts must outlive it.  NULL when memory ends. */
struct wsh_record *wsh_record_new(const struct wsh_record_setup *setup);
void wsh_record_free(struct wsh_record *record);

/* A client has come; its number.  `now` is in milliseconds, of any clock. */
unsigned wsh_record_open(struct wsh_record *record, uint64_t now);
/* Appends to *forward what the server is to get in their place: the same, but for the head of a
 * request, which names the server as Host and offers neither extensions nor codings. */
void wsh_record_client(struct wsh_record *record, unsigned id, const uint8_t *data, size_t len,
                       uint64_t now, struct wsn_buffer *forward);
/* What the server sent; the client gets the same. */
void wsh_record_server(struct wsh_record *record, unsigned id, const uint8_t *data, size_t len,
                       uint64_t now);
void wsh_record_client_ended(struct wsh_record *record, unsigned id, bool reset, uint64_t now);
void wsh_record_server_ended(struct wsh_record *record, unsigned id, uint64_t now);
/* The server could not be reached, or failed below HTTP; `why` is one line. */
void wsh_record_lost(struct wsh_record *record, unsigned id, const char *why);
/* Both sides are done; the number is not used any more. */
void wsh_record_close(struct wsh_record *record, unsigned id);

size_t wsh_record_steps(const struct wsh_record *record);
size_t wsh_record_left_out(const struct wsh_record *record); /* how many comments say so */
/* The path that the first client was upgraded at, so that a replay can be pointed there; "/" if
 * none was, or if it is long or holds the value of a setting. */
const char *wsh_record_path(const struct wsh_record *record);
/* The first field or parameter that is written with a value and has the name of a secret; NULL. */
const char *wsh_record_secret(const struct wsh_record *record);

/* The script of all that was recorded so far, to be freed; NULL when memory ended. */
char *wsh_record_take(const struct wsh_record *record, size_t *length);

#endif
