#include <wso/inflate.h>
#include <wso/oracle.h>

/* A frame as section 5.2 draws it. */
struct frame {
    uint64_t begins, length;
    size_t payload; /* where it begins */
    size_t there;   /* how much of it there is */
    unsigned second, opcode;
    bool fin, rsv1, reserved, masked, whole; /* reserved: the other two */
};

struct reading {
    const struct wso_stream *stream;
    size_t message_len;
    uint64_t announced;      /* bytes that the frames of the open message announce */
    unsigned message_opcode; /* 0: none is open */
    bool bad_text;           /* the open message has shown bytes that are no UTF-8 */
    bool packed;             /* the open message is compressed */
    uint64_t message_begins;
    struct wso_inflate inflate; /* all compressed messages before it */
    const struct frame *frame;  /* at hand … */
    size_t before;              /* … and how much of the message came with others */
    bool closed;                /* a Close came to its end */
    struct wso_violation fatal; /* of the frame at hand: the first that ends a connection */
    void (*see)(void *context, const struct wso_event *event);
    void (*note)(void *context, const struct wso_violation *violation);
    void *context;
};

/* False: the header is cut. */
static bool read_frame(const struct wso_stream *s, size_t at, struct frame *frame)
{
    static const unsigned widths[] = {2, 8};
    unsigned width;
    size_t p = at + 2;

    if (s->len - at < 2)
        return false;
    *frame = (struct frame){.begins = at,
                            .fin = s->data[at] >= 128,
                            .rsv1 = (s->data[at] & 0x40) != 0,
                            .reserved = (s->data[at] & 0x30) != 0,
                            .opcode = s->data[at] % 16u,
                            .masked = s->data[at + 1] >= 128,
                            .second = s->data[at + 1] & 127u};
    width = frame->second < 126 ? 0 : widths[frame->second - 126];
    if (s->len - p < width + (frame->masked ? 4u : 0u))
        return false;
    frame->length = width == 0 ? frame->second : 0;
    for (unsigned i = 0; i < width; i++)
        frame->length = frame->length * 256 + s->data[p + i];
    frame->payload = p + width + (frame->masked ? 4 : 0);
    frame->whole = frame->length <= s->len - frame->payload;
    frame->there = frame->whole ? (size_t)frame->length : s->len - frame->payload;
    return true;
}

static uint8_t byte_of(const struct wso_stream *s, const struct frame *frame, size_t i)
{
    uint8_t byte = s->data[frame->payload + i];

    return frame->masked ? (uint8_t)(byte ^ s->data[frame->payload - 4 + i % 4]) : byte;
}

static void broken(struct reading *r, const char *rule, const char *requirement, unsigned code,
                   uint64_t at, uint64_t by)
{
    struct wso_violation violation = {rule, requirement, code, at, by};

    if (code != 0 && r->fatal.code == 0)
        r->fatal = violation;
    if (r->note)
        r->note(r->context, &violation);
}

/* Sections 5.1 to 5.5: what the header alone shows. */
static void judge_header(struct reading *r, const struct frame *frame)
{
    uint64_t at = frame->begins, by = frame->payload;

    if (r->stream->from_client && !frame->masked)
        broken(r, "frame.unmasked", "6455-5.1-1", 1002, at + 1, by);
    if (!r->stream->from_client && frame->masked)
        broken(r, "frame.masked", "6455-5.1-5", 1002, at + 1, by);
    if (frame->reserved || (frame->rsv1 && !r->stream->deflate))
        broken(r, "frame.rsv", "6455-5.2-1", 1002, at, by);
    if (frame->rsv1 && r->stream->deflate && frame->opcode >= 8)
        broken(r, "deflate.control", "7692-6-3", 1002, at, by);
    if (frame->rsv1 && r->stream->deflate && frame->opcode == 0)
        broken(r, "deflate.continuation", "7692-6.1-2", 1002, at, by);
    if ((frame->opcode > 2 && frame->opcode < 8) || frame->opcode > 10)
        broken(r, "frame.opcode", "6455-5.2-7", 1002, at, by);
    if ((frame->second == 126 && frame->length < 126) ||
        (frame->second == 127 && frame->length < 65536))
        broken(r, "frame.length-form", "6455-5.2-14", 0, at + 1, by);
    if (frame->length > INT64_MAX)
        broken(r, "frame.length-top", "6455-5.2-12", 1002, at + 2, by);
    if (frame->opcode >= 8 && !frame->fin)
        broken(r, "control.fragmented", "6455-5.4-6", 1002, at, by);
    if (frame->opcode >= 8 && frame->length > 125)
        broken(r, "control.length", "6455-5.5-1", 1002, at + 1, by);
}

/* Sections 5.4 and 5.5.1: may this frame stand here? */
static void judge_place(struct reading *r, const struct frame *frame)
{
    uint64_t at = frame->begins, by = frame->payload;

    if (r->closed && frame->opcode == 8)
        broken(r, "close.second", "6455-5.5.1-13", 0, at, by);
    if (r->closed && frame->opcode < 8)
        broken(r, "close.data-after", "6455-5.5.1-8", 0, at, by);
    if (frame->opcode == 0 && r->message_opcode == 0)
        broken(r, "message.stray", "6455-5.4-18", 1002, at, by);
    if ((frame->opcode == 1 || frame->opcode == 2) && r->message_opcode != 0)
        broken(r, "message.interrupted", "6455-5.4-18", 1002, at, by);
}

/* Section 7.4, for the code of a Close at `at`. */
static void judge_code(struct reading *r, unsigned code, uint64_t at, uint64_t by)
{
    if (code == 1004)
        broken(r, "close.1004", "6455-7.4.1-6", 1002, at, by);
    if (code == 1005)
        broken(r, "close.1005", "6455-7.4.1-3", 1002, at, by);
    if (code == 1006)
        broken(r, "close.1006", "6455-7.4.1-4", 1002, at, by);
    if (code == 1015)
        broken(r, "close.1015", "6455-7.4.1-5", 1002, at, by);
    if (code == 1010 && !r->stream->from_client)
        broken(r, "close.1010", "6455-7.4.1-13", 0, at, by);
    if (code < 1000)
        broken(r, "close.code-low", "6455-7.4.2-1", 1002, at, by);
    if (code > 1015 && code < 3000)
        broken(r, "close.code-undefined", "6455-7.4.2-2", 1002, at, by);
    if (code < 1000 || code >= 5000)
        broken(r, "close.code-range", "6455-5.5.1-22", 1002, at, by);
}

static void tell(const struct reading *r, struct wso_event event)
{
    if (r->see)
        r->see(r->context, &event);
}

/* A whole control frame.  One that is too long keeps its first 125 bytes, in which no reason is
 * judged. */
static void read_control(struct reading *r, const struct frame *frame)
{
    uint8_t payload[125] = {0};
    uint64_t by = frame->payload + frame->length;
    struct wso_event event = {.data = payload,
                              .len = frame->length < 125 ? (size_t)frame->length : 125,
                              .frame = frame->begins,
                              .by = by};
    bool whole;
    size_t good;

    for (size_t i = 0; i < event.len; i++)
        payload[i] = byte_of(r->stream, frame, i);
    event.kind = frame->opcode == 8 ? WSO_CLOSE : frame->opcode == 9 ? WSO_PING : WSO_PONG;
    if (frame->opcode == 8) {
        r->closed = true;
        if (event.len == 1)
            broken(r, "close.one-byte", "6455-5.5.1-2", 1002, frame->payload, by);
        if (event.len >= 2) {
            event.code = payload[0] * 256u + payload[1];
            event.data += 2;
            event.len -= 2;
            judge_code(r, event.code, frame->payload, by);
        }
        good = wso_utf8(event.data, event.len, &whole);
        if (frame->length > 2 && frame->length <= 125 && (good < event.len || !whole))
            broken(r, "close.reason", "6455-5.5.1-21", 1007, frame->payload + 2 + good, by);
    }
    if (r->fatal.code == 0 && frame->opcode <= 10)
        tell(r, event);
}

/* Section 8.1, for the message as far as it has come; `before` bytes of it, all good, came with
 * earlier frames.  Only the character that they may end in has to be looked at again. */
static void judge_text(struct reading *r, const struct frame *frame, size_t before)
{
    const uint8_t *text = r->stream->scratch;
    size_t from = before, good;
    bool whole;
    uint64_t at;

    if (r->bad_text)
        return;
    while (from > 0 && text[from - 1] >> 6 == 2)
        from--;
    if (from > 0 && text[from - 1] >> 6 == 3)
        from--;
    good = from + wso_utf8(text + from, r->message_len - from, &whole);
    at = frame->payload + good - before;
    if (good < r->message_len) {
        r->bad_text = true;
        broken(r, "text.utf8", "6455-5.6-1", 1007, at, at + 1);
    } else if (frame->fin && frame->whole && !whole) {
        broken(r, "text.cut", "6455-5.6-1", 1007, frame->begins, frame->payload + frame->length);
    }
}

/* The compressed message as far as it has come, or all of it. */
static struct wso_packed packed_of(const struct reading *r, bool whole)
{
    return (struct wso_packed){.payload = r->stream->scratch,
                               .size = r->message_len,
                               .text = r->message_opcode == 1,
                               .whole = whole,
                               .limit = (size_t)r->stream->max_message};
}

/* What a fault is called; a violation is at the byte that shows it, at the frame or the message. */
struct fault_rule {
    const char *rule, *requirement;
    unsigned code;
    enum { AT_BYTE, AT_FRAME, AT_MESSAGE } at;
};

/* RFC 7692, sections 7.1 and 7.2. */
static const struct fault_rule *rule_of(enum wso_fault fault, bool client)
{
    static const struct fault_rule rules[] = {
        [WSO_FAULT_DATA] = {"deflate.data", "7692-7.2.1-1", 1007, AT_BYTE},
        [WSO_FAULT_LARGE] = {"", "", 1009, AT_FRAME},
        [WSO_FAULT_WINDOW] = {"deflate.server-window", "7692-7.2.1-11", 1002, AT_BYTE},
        [WSO_FAULT_TAKEOVER] = {"deflate.server-takeover", "7692-7.2.1-9", 1007, AT_BYTE},
        [WSO_FAULT_UTF8] = {"text.utf8", "6455-5.6-1", 1007, AT_MESSAGE},
        [WSO_FAULT_PADDING] = {"deflate.padding", "7692-7.2.1-4", 0, AT_BYTE},
        [WSO_FAULT_EMPTY] = {"deflate.empty", "7692-7.2.1-12", 0, AT_FRAME},
        [WSO_FAULT_END] = {"deflate.end", "7692-7.2.1-14", 0, AT_FRAME},
        [WSO_FAULT_TAIL] = {"deflate.tail", "7692-7.2.1-1", 1007, AT_FRAME},
        [WSO_FAULT_CUT] = {"deflate.cut", "7692-7.2.1-1", 1007, AT_FRAME},
        [WSO_FAULT_TEXT_CUT] = {"text.cut", "6455-5.6-1", 1007, AT_MESSAGE}};
    static const struct fault_rule window = {"deflate.client-window", "7692-7.2.1-10", 1002,
                                             AT_BYTE};
    static const struct fault_rule takeover = {"deflate.client-takeover", "7692-7.2.1-7", 1007,
                                               AT_BYTE};

    return client && fault == WSO_FAULT_WINDOW     ? &window
           : client && fault == WSO_FAULT_TAKEOVER ? &takeover
                                                   : &rules[fault];
}

/* What earlier frames showed was noted with them. */
static void note_fault(void *context, enum wso_fault fault, size_t at)
{
    struct reading *r = context;
    const struct fault_rule *rule = rule_of(fault, r->stream->from_client);
    uint64_t byte = r->frame->payload + at - r->before;
    uint64_t by = fault >= WSO_FAULT_EMPTY ? byte : byte + 1;
    uint64_t place = rule->at == AT_BYTE    ? byte
                     : rule->at == AT_FRAME ? r->frame->begins
                                            : r->message_begins;

    if (at < r->before)
        return;
    if (fault != WSO_FAULT_LARGE)
        broken(r, rule->rule, rule->requirement, rule->code, place, by);
    else if (r->fatal.code == 0)
        r->fatal = (struct wso_violation){"", "", rule->code, place, by};
}

static void tell_message(struct reading *r, const uint8_t *data, size_t len)
{
    tell(r, (struct wso_event){.kind = r->message_opcode == 1 ? WSO_TEXT : WSO_BINARY,
                               .data = data,
                               .len = len,
                               .frame = r->frame->begins,
                               .by = r->frame->payload + r->frame->length});
}

/* Read from its beginning with every frame: slow and plain. */
static void read_packed(struct reading *r, bool whole)
{
    struct wso_packed packed = packed_of(r, whole);
    struct wso_inflated seen = wso_inflate(&r->inflate, &packed, note_fault, r);

    if (!whole)
        return;
    if (r->fatal.code == 0)
        tell_message(r, seen.data, seen.len);
    wso_inflate_next(&r->inflate, &packed, &seen);
}

/* An unfinished message that another one interrupts leaves its window in ruins. */
static void drop_message(struct reading *r)
{
    struct wso_packed packed = packed_of(r, false);
    struct wso_inflated seen;

    if (r->message_opcode == 0 || !r->packed)
        return;
    seen = wso_inflate(&r->inflate, &packed, NULL, NULL);
    wso_inflate_next(&r->inflate, &packed, &seen);
}

static void begin_message(struct reading *r, const struct frame *frame)
{
    drop_message(r);
    r->message_opcode = frame->opcode;
    r->message_begins = frame->begins;
    r->message_len = 0;
    r->bad_text = false;
    r->packed = r->stream->deflate && frame->rsv1;
}

/* What is there of a data frame. */
static void read_data(struct reading *r, const struct frame *frame)
{
    bool whole = frame->whole && frame->fin;

    if (frame->opcode != 0)
        begin_message(r, frame);
    if (r->message_opcode == 0)
        return;
    r->frame = frame;
    r->before = r->message_len;
    for (size_t i = 0; i < frame->there; i++)
        r->stream->scratch[r->message_len++] = byte_of(r->stream, frame, i);
    if (r->packed)
        read_packed(r, whole);
    else if (r->message_opcode == 1)
        judge_text(r, frame, r->before);
    if (!whole)
        return;
    if (r->fatal.code == 0 && !r->packed)
        tell_message(r, r->stream->scratch, r->message_len);
    r->message_opcode = 0;
}

/* The message with this frame is larger than allowed.  A compressed one is counted when it is read.
 */
static bool too_large(struct reading *r, const struct frame *frame)
{
    uint64_t limit = r->stream->max_message;

    bool packed = frame->opcode == 0 ? r->packed : r->stream->deflate && frame->rsv1;

    if (frame->opcode >= 8 || limit == 0 || packed)
        return false;
    if (frame->opcode != 0)
        r->announced = 0;
    if (frame->length > limit || r->announced > limit - frame->length)
        return true;
    r->announced += frame->length;
    return false;
}

static void read_payload(struct reading *r, const struct frame *frame)
{
    if (frame->opcode >= 8 && frame->whole)
        read_control(r, frame);
    else if (frame->opcode <= 2)
        read_data(r, frame);
}

/* False: nothing comes after it. */
static bool endure(struct reading *r, const struct frame *frame)
{
    judge_header(r, frame);
    judge_place(r, frame);
    if (r->fatal.code == 0 && too_large(r, frame))
        r->fatal = (struct wso_violation){"", "", 1009, frame->begins, frame->payload};
    if (r->fatal.code == 0)
        read_payload(r, frame);
    if (r->fatal.code != 0)
        tell(r, (struct wso_event){.kind = WSO_BROKEN,
                                   .code = r->fatal.code,
                                   .frame = frame->begins,
                                   .at = r->fatal.at,
                                   .by = r->fatal.by});
    return r->fatal.code == 0 && !r->closed;
}

static size_t behind(const struct frame *frame)
{
    return frame->payload + (size_t)frame->length;
}

static struct reading begin(const struct wso_stream *stream, void *context)
{
    const struct wso_deflate *deflate = stream->deflate;
    struct reading r = {.stream = stream, .context = context};

    if (deflate)
        r.inflate = (struct wso_inflate){.window = UINT32_C(1) << deflate->bits,
                                         .alone = !deflate->takeover,
                                         .room = deflate->room};
    return r;
}

void wso_frames(const struct wso_stream *stream,
                void (*see)(void *context, const struct wso_event *event), void *context)
{
    struct reading r = begin(stream, context);
    struct frame frame;

    r.see = see;
    for (size_t at = 0; read_frame(stream, at, &frame); at = behind(&frame)) {
        if (!endure(&r, &frame) || !frame.whole)
            return;
    }
}

void wso_violations(const struct wso_stream *stream,
                    void (*note)(void *context, const struct wso_violation *violation),
                    void *context)
{
    struct reading r = begin(stream, context);
    struct frame frame;

    r.note = note;
    for (size_t at = 0; read_frame(stream, at, &frame); at = behind(&frame)) {
        judge_header(&r, &frame);
        judge_place(&r, &frame);
        read_payload(&r, &frame);
        if (!frame.whole)
            return;
    }
}
