#include <wso/oracle.h>

struct debt {
    bool client;     /* who owes */
    uint64_t closed; /* so many bytes had come when it sent its own Close */
    bool sent_close;
    void (*owe)(void *context, const struct wso_duty *duty);
    void *context;
};

static void owe(const struct debt *debt, enum wso_duty_kind kind, uint64_t by, unsigned code)
{
    debt->owe(debt->context, &(struct wso_duty){.kind = kind, .by = by, .code = code});
}

/* The endpoint's own Close, sent before anything that came later. */
static void close_by(struct debt *debt, uint64_t by)
{
    if (debt->closed < by && !debt->sent_close) {
        debt->sent_close = true;
        owe(debt, WSO_NO_DATA, debt->closed, 0);
    }
}

/* Nothing more is read.  A Close was sent or is owed: whichever, no data comes behind it. */
static void stop(struct debt *debt, uint64_t by)
{
    if (!debt->sent_close)
        owe(debt, WSO_NO_DATA, by, 0);
    debt->sent_close = true;
    owe(debt, WSO_STOP, by, 0);
    owe(debt, debt->client ? WSO_AWAIT_END : WSO_END_TCP, by, 0);
}

static void see(void *context, const struct wso_event *event)
{
    struct debt *debt = context;

    close_by(debt, event->by);
    switch (event->kind) {
    case WSO_TEXT:
    case WSO_BINARY:
    case WSO_PONG:
        return;
    case WSO_PING:
        /* Our own Close does not end this: only one that was received does (section 5.5.2). */
        debt->owe(debt->context, &(struct wso_duty){.kind = WSO_SEND_PONG,
                                                    .by = event->by,
                                                    .data = event->data,
                                                    .len = event->len});
        return;
    case WSO_CLOSE:
        if (!debt->sent_close)
            owe(debt, WSO_SEND_CLOSE, event->by, event->code);
        stop(debt, event->by);
        return;
    case WSO_BROKEN:
        owe(debt, WSO_FAIL, event->by, event->code);
        stop(debt, event->by);
        return;
    }
}

void wso_duties(const struct wso_stream *stream, uint64_t closed,
                void (*owed)(void *context, const struct wso_duty *duty), void *context)
{
    struct debt debt = {
        .client = !stream->from_client, .closed = closed, .owe = owed, .context = context};

    wso_frames(stream, see, &debt);
    if (closed != UINT64_MAX)
        close_by(&debt, UINT64_MAX);
}
