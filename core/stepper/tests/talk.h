/* talk.h - a scripted peer for the stepper's tests: virtual time, no transport.
 *
 * A conversation is a list of things that the peer does, in order; each is done when the stepper
 * has written all that it wants to write and waits.  When the list is through, time passes until
 * the stepper is done.
 */
#ifndef WSS_TESTS_TALK_H
#define WSS_TESTS_TALK_H

#include <wss/stepper.h>

enum deed {
    DEED_END,     /* of the list */
    DEED_ACCEPT,  /* 101 with the right Accept for the last request */
    DEED_HEAD,    /* text, sent as it is, "\n" written as CRLF */
    DEED_REQUEST, /* a client's valid opening handshake */
    DEED_TEXT,    /* frames, unmasked unless we are the client */
    DEED_BINARY,
    DEED_PING,
    DEED_PONG,      /* with this payload */
    DEED_PONG_LAST, /* to the last ping that came */
    DEED_CLOSE,     /* number */
    DEED_CLOSE_EMPTY,
    DEED_FRAME, /* text is raw bytes, number their count */
    DEED_FIN,
    DEED_RST,
    DEED_CUT,     /* the end of TCP without the closure alert of TLS */
    DEED_GARBLE,  /* text stands for bytes outside of TLS */
    DEED_RENEW,   /* the new TLS handshake that was asked for begins */
    DEED_DECLINE, /* … is refused, for the reason in text */
    DEED_WAIT,    /* number of milliseconds, ticks included */
    DEED_EXIT,    /* the target's process ends */
    DEED_LATE     /* our own loop stands still for that long, and gives the time back */
};

struct act {
    enum deed deed;
    const char *text;
    unsigned number;
};

struct talk {
    const char *script;
    const struct act *acts;
    bool refuse;        /* TCP is refused */
    bool deny;          /* … not TCP, but TLS */
    bool refuse_second; /* every connection but the first is */
    bool nobody;        /* no client comes */
    bool lost;          /* the target's process cannot be restarted; it ends when it is asked to */
    bool in_clear;      /* there is no TLS to renegotiate */
    bool mute;          /* restarted, it does not answer */
    bool unread;        /* behind the handshake the peer reads nothing */
    size_t cut;         /* bytes a read; 0: all at once */
    const struct wss_message *unasked;
    size_t unasked_count;
    const struct wss_settings *settings;
    uint64_t seed;
    struct wss_budget *budget;
    /* Called right before the run starts and right behind its end: memory may end between.  A run
     * that does not start then gives verdict `error`. */
    void (*around)(bool begins);
};

struct said { /* what the stepper wrote on its first connection, raw */
    uint8_t bytes[1 << 20];
    size_t n;
    unsigned writes, shuts, resets, renegotiations;
    uint64_t took;      /* virtual milliseconds */
    struct wss_how how; /* of its connection; sni is copied */
    char sni[64];
};

/* Runs the first case of the script; `said` may be NULL. */
void talk(const struct talk *talk, struct wss_outcome *outcome, struct said *said);

/* Parses and plans; the errors' text, all of them, in a static buffer ("" if none). */
const char *plan_errors(const char *script);

#endif
