/* conn_log.h - a conn under test, with what it said written down as the vectors have it. */
#ifndef CONN_LOG_H
#define CONN_LOG_H

#include <wsc/conn.h>

extern const struct wsc_memory heap; /* malloc */

struct conn_log {
    struct wsc_conn conn;
    struct wsc_inflate *inflate; /* freed by the next begin */
    struct wsc_deflate *deflate;
    uint8_t out[4096];
    bool open; /* the last line is a part of a message that may go on */
    size_t len, output_len;
    char text[1 << 18]; /* lines parted by '\n' */
    char output[4096];  /* hex of all that was to be written */
};

/* Zeroed before its first begin.  The key is always 00 00 00 00; `agreed` NULL: no permessage-deflate. */
void conn_log_begin(struct conn_log *log, enum wsc_role role, uint64_t max_message,
                    const struct wsc_deflate_terms *agreed);
void conn_log_feed(struct conn_log *log, uint8_t *bytes, size_t len);
/* Writes all output out: into `output`. */
void conn_log_flush(struct conn_log *log);

#endif
