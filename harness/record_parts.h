/* record_parts.h - what the files behind wsh/record.h share.
 *
 * record.c follows the bytes of both sides, record_http.c their heads, record_frames.c what comes
 * behind them, record_script.c keeps the steps and writes them down.
 */
#ifndef WSH_RECORD_PARTS_H
#define WSH_RECORD_PARTS_H

#include <wsc/http.h>
#include <wsc/scan.h>
#include <wsh/record.h>
#include <wsh/redact.h>

enum {
    RECORD_HEAD_MAX = 64 << 10,
    RECORD_READ_MAX = 64 << 10,
    RECORD_KEPT_MAX = 16 << 20, /* of one message */
    RECORD_INLINE_MAX = 4096,   /* a longer payload is a file, if it does not repeat itself */
    RECORD_STEPS_MAX = 9000,    /* a case may have 10000 */
    RECORD_TEXT_MAX = 32 << 20,
    RECORD_FILES_MAX = 256 << 20,
    RECORD_SETTINGS_MAX = 64
};

/* Bytes that were collected up to a ceiling. */
struct record_bytes {
    struct wsn_buffer bytes;
    bool lost; /* there were more */
};

/* A request that waits for its answer. */
struct record_asked {
    struct record_asked *next;
    struct wsn_buffer head; /* as it was forwarded */
    bool upgrade;
};

/* Named for what is awaited. */
enum record_state {
    RECORD_HEAD,
    RECORD_BODY,
    RECORD_ANSWER, /* the client's side: to a request to upgrade */
    RECORD_FRAMES,
    RECORD_NOTHING /* cannot be followed any more */
};

struct record_side {
    enum record_state state;
    struct wsn_buffer head;
    struct wsc_body body;
    struct record_bytes content; /* of the body */
    bool chunked, coded;
    size_t step; /* that the body belongs to */
    struct wsc_scan scan;
    struct record_bytes message, control;
    uint8_t opcode; /* of the message */
    bool in_message;
    bool framewise; /* frames are written, not messages */
    bool odd;       /* this frame alone is */
    bool closed;    /* a Close went by */
    bool ended;
    struct wsn_buffer pings[16]; /* of this side, that wait for their pongs; the oldest first */
    size_t ping_count;
};

struct record_conn {
    struct record_conn *next;
    unsigned id;
    struct record_side client, server;
    struct record_asked *asked, **last_asked;
    struct record_bytes said; /* the client's last message, for `echo` */
    uint8_t said_opcode;
    bool upgraded;
    bool answered; /* HTTP: the last request has its answer */
    bool over;     /* nothing more is written */
};

struct record_step {
    unsigned conn;
    unsigned part;     /* number of the case */
    uint64_t settings; /* bits of those that stand in it */
    char *first;       /* "> text …" without the connection's name, or a comment */
    char *lines;       /* deeper lines, each with its line end; or NULL */
    unsigned within_s; /* 0: none */
};

struct wsh_record {
    struct wsh_record_setup setup;
    struct wsh_secrets forms; /* of the settings' values, in which they must not be written */
    struct record_conn *conns;
    unsigned opened, open, part;
    struct record_step *steps;
    size_t step_count, step_room;
    size_t part_steps, text_bytes, file_bytes, file_count, left_out;
    uint64_t step_at; /* when the last step was written */
    bool full, failed;
    char secret[64];
    char path[200]; /* of the first 101 */
};

/* A step as it is built: its first line and the settings in it. */
struct record_line {
    struct wsn_buffer text;
    uint64_t settings;
    bool hidden; /* a setting's value stood there in another form */
};

/* ---- record_script.c ---- */

/* Appends; what is longer than the ceiling is lost. */
void wsh_record_collect(struct record_bytes *to, const uint8_t *data, size_t len, size_t ceiling);
void wsh_record_forget(struct record_bytes *bytes);

/* A payload, in quotes or in any other form; `large`: may be a file.  False: it is left out. */
bool wsh_record_payload(struct wsh_record *record, struct record_line *line, const uint8_t *data,
                        size_t len, bool large);
/* No setting's value stands in it. */
bool wsh_record_innocent(const struct wsh_record *record, struct wsc_text text);
/* Text that stands without quotes, such as a value.  False: it cannot. */
bool wsh_record_plain(struct wsh_record *record, struct record_line *line, struct wsc_text text);

/* Takes the line; `waited`: the server's step, which may have taken its time.  Its index, or
 * SIZE_MAX when it was not kept. */
size_t wsh_record_step(struct wsh_record *record, struct record_conn *conn,
                       struct record_line *line, bool waited, uint64_t now);
size_t wsh_record_word(struct wsh_record *record, struct record_conn *conn, const char *word,
                       bool waited, uint64_t now);
/* Takes the line, a deeper one of that step. */
void wsh_record_deeper(struct wsh_record *record, size_t step, struct record_line *line);
void wsh_record_leave_out(struct wsh_record *record, struct record_conn *conn, const char *format,
                          ...) __attribute__((format(printf, 3, 4)));
void wsh_record_drop_line(struct record_line *line);

/* ---- record_frames.c ---- */

static inline struct record_side *wsh_record_side(struct record_conn *conn, bool sent)
{
    return sent ? &conn->client : &conn->server;
}

void wsh_record_frames(struct wsh_record *record, struct record_conn *conn, bool sent,
                       const uint8_t *data, size_t len, uint64_t now);
/* The server speaks of a frame of the client's that it has not seen whole: what it saw is written,
 * and it is the last. */
void wsh_record_cut(struct wsh_record *record, struct record_conn *conn, uint64_t now);

/* ---- record_http.c ---- */

/* The client's head is whole. */
void wsh_record_request(struct wsh_record *record, struct record_conn *conn,
                        const struct wsc_head *head, uint64_t now, struct wsn_buffer *forward);
void wsh_record_request_done(struct wsh_record *record, struct record_conn *conn);
/* The server's is; passes over what is only on the way. */
void wsh_record_response(struct wsh_record *record, struct record_conn *conn,
                         const struct wsc_head *head, uint64_t now);
void wsh_record_response_done(struct wsh_record *record, struct record_conn *conn);
void wsh_record_answered(struct record_conn *conn); /* the first that waits is forgotten */

#endif
