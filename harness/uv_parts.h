/* uv_parts.h - what the files behind wsh/loop_uv.h share.
 *
 * loop_uv.c owns the loop, the attempts and their deadlines; route_uv.c the way to the target;
 * conn_uv.c the connections of an attempt; layers_uv.c what lies between a connection and the
 * stepper's bytes, a proxy and TLS; listen_uv.c the clients that come to us.
 */
#ifndef WSH_UV_PARTS_H
#define WSH_UV_PARTS_H

#include <uv.h>
#include <wsh/loop_uv.h>
#include <wsh/tls.h>

enum { WSH_ADDRESSES_MAX = 16, WSH_READ_SIZE = 65536 };

struct wsh_chunk; /* bytes to be written */
struct wsh_conn;

struct wsh_attempt {
    struct wsh_attempt *next, **link;
    struct wsh_uv *uv;
    struct wsh_task *task;
    struct wss_run *run;
    struct wsh_conn **conns; /* by the stepper's number; NULL: none now */
    unsigned conn_room;
    bool armed; /* its deadline has passed and one more poll pass is due */
    bool pumping;
};

/* Named for what is awaited. */
enum wsh_stage { WSH_AWAIT_TCP, WSH_AWAIT_PROXY, WSH_AWAIT_TLS, WSH_AWAIT_DATA };

/* A connection as libuv sees it. */
union wsh_wire {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
};

struct wsh_conn {
    union wsh_wire uv;
    uv_connect_t connect;
    uv_write_t write;
    uv_shutdown_t shutdown;
    struct wsh_attempt *attempt; /* NULL: not ours any more, being closed */
    unsigned id;
    unsigned address, tried; /* index of the address in use; how many were tried */
    struct wsh_chunk *first, **last;
    enum wsh_stage stage;
    struct wss_how how;
    struct wsh_tls *tls; /* NULL: in clear */
    size_t sealed;       /* plain bytes of the first chunk in what TLS has to send */
    bool heard;          /* plain bytes have come through TLS */
    bool renegotiating;  /* a new handshake was asked for, and the stepper not told of it yet */
    size_t asked;        /* bytes of the proxy's request that were sent */
    char *answer;        /* of the proxy */
    size_t answer_length;
    bool open, reading, stopped, writing, failed, garbled, shut, ended;
};

struct wsh_waiter { /* a connection that waits for a client */
    struct wsh_waiter *next;
    struct wsh_attempt *attempt;
    unsigned id;
};

enum { WSH_BACKLOG = 64 };

struct wsh_uv {
    struct wsh_loop base;
    uv_loop_t loop;
    uv_timer_t wake;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t hurry; /* makes the next poll pass return at once */
    uv_signal_t signals[3];
    bool *interrupted;
    struct sockaddr_storage addresses[WSH_ADDRESSES_MAX];
    unsigned address_count, good_address;
    bool loopback;
    char *socket_path;   /* of a Unix socket; NULL: TCP */
    char *proxy_request; /* CONNECT …; NULL: no proxy */
    struct wsh_tls_context *tls;
    bool tls_wanted; /* unless a script says otherwise */
    struct wsh_attempt *attempts;
    uint64_t polled_at, checked_at; /* ms: the last poll's begin, the last check's end */
    int timeout;                    /* ms that the last poll was to wait at most */
    unsigned handles;               /* connections that are not closed yet */
    uv_tcp_t listener;
    bool listening;
    struct wsh_conn *backlog[WSH_BACKLOG]; /* clients that no case waits for yet */
    size_t backlog_count;
    struct wsh_waiter *waiters;
    char read_buffer[WSH_READ_SIZE];
};

uv_loop_t *wsh_uv_handle(struct wsh_uv *uv);
uint64_t wsh_uv_now(void);

/* Something happened on a run of this attempt: performs what it wants now.  The attempt may be gone
 * afterwards. */
void wsh_attempt_pump(struct wsh_attempt *attempt);

/* conn_uv.c */
struct wsh_conn *wsh_conn_new(struct wsh_uv *uv); /* an unconnected socket; NULL on failure */
/* Connecting has failed, at whatever stage; the connection is gone. */
void wsh_conn_refused(struct wsh_conn *conn, enum wss_connect_failure failure, const char *why);
void wsh_conn_connect(struct wsh_conn *conn);
void wsh_conn_adopt(struct wsh_conn *conn, struct wsh_attempt *attempt, unsigned id);
void wsh_conn_write(struct wsh_conn *conn, const uint8_t *bytes, size_t len);
void wsh_conn_shut(struct wsh_conn *conn);
void wsh_conn_renegotiate(struct wsh_conn *conn);
void wsh_conn_stop(struct wsh_conn *conn);
void wsh_conn_start(struct wsh_conn *conn);
void wsh_conn_drop(struct wsh_conn *conn, bool reset); /* detaches and closes it */

/* layers_uv.c */
/* TCP is open: begins with the next layer, or tells the stepper. */
void wsh_layers_begin(struct wsh_conn *conn);
void wsh_layers_receive(struct wsh_conn *conn, uint8_t *data, size_t len);
void wsh_layers_ended(struct wsh_conn *conn, bool reset);
/* What is to be written next, layers first, and that so much of it was; *done gets how many of the
 * stepper's bytes are written with it. */
size_t wsh_layers_output(struct wsh_conn *conn, const uint8_t *plain, size_t len,
                         const uint8_t **bytes);
size_t wsh_layers_sent(struct wsh_conn *conn, size_t len);
/* Asks for a new TLS handshake, and tells the stepper what comes of it. */
void wsh_layers_renegotiate(struct wsh_conn *conn);
/* All is written that will be: the closure alert, if one is due. */
void wsh_layers_shut(struct wsh_conn *conn);
void wsh_layers_free(struct wsh_conn *conn);

/* strays.c, Linux only: what a target leaves outside of its process group.  From the first call on
 * it becomes our child when its parent ends; the second ends all our children, so it may be called
 * only when libuv knows of none. */
void wsh_strays_adopt(void);
void wsh_strays_end(void);

/* listen_uv.c */
void wsh_listen_want(struct wsh_attempt *attempt, unsigned id);
void wsh_listen_forget(struct wsh_attempt *attempt);
void wsh_listen_close(struct wsh_uv *uv);

#endif
