#include <wso/oracle.h>

/* A frame as section 5.2 draws it. */
struct frame {
    uint64_t begins, length;
    size_t payload; /* where it begins */
    unsigned first, opcode;
    bool fin, masked, whole;
};

struct reading {
    const uint8_t *data;
    size_t len;
    bool from_client;
    uint8_t *message; /* what came of the open message, unmasked */
    size_t message_len;
    unsigned message_opcode; /* 0: none is open */
    void (*see)(void *context, const struct wso_event *event);
    void *context;
};

/* Code points are computed and then looked at: no table of states.  A cut one is tried with the
 * lowest and the highest bytes that could follow: if neither end of that range is allowed, none is.
 */
static bool allowed(uint32_t low, uint32_t high, uint32_t least)
{
    if (high < least || low > 0x10FFFF)
        return false;
    return !(low >= 0xD800 && high <= 0xDFFF);
}

size_t wso_utf8(const uint8_t *data, size_t len, bool *whole)
{
    size_t at = 0;

    *whole = true;
    while (at < len) {
        uint32_t point = data[at], least;
        unsigned more;

        if (point < 0x80)
            more = 0, least = 0;
        else if (point >> 5 == 6)
            more = 1, least = 0x80, point &= 31;
        else if (point >> 4 == 14)
            more = 2, least = 0x800, point &= 15;
        else if (point >> 3 == 30)
            more = 3, least = 0x10000, point &= 7;
        else
            return at;
        for (unsigned i = 0; i <= more; i++) {
            unsigned left = (more - i) * 6;

            if (i > 0) {
                if (at + i == len) {
                    *whole = false;
                    return len;
                }
                if (data[at + i] >> 6 != 2)
                    return at + i;
                point = point << 6 | (data[at + i] & 63u);
            }
            if (!allowed(point << left, (point << left) + (1u << left) - 1, least))
                return at + i;
        }
        at += more + 1;
    }
    return at;
}

/* False: the header is cut. */
static bool read_frame(const struct reading *r, size_t at, struct frame *frame)
{
    static const unsigned widths[] = {2, 8};
    unsigned second, width;
    size_t p = at + 2;

    if (r->len - at < 2)
        return false;
    second = r->data[at + 1] & 127u;
    width = second < 126 ? 0 : widths[second - 126];
    *frame = (struct frame){.begins = at,
                            .first = r->data[at],
                            .fin = r->data[at] >= 128,
                            .opcode = r->data[at] % 16u,
                            .masked = r->data[at + 1] >= 128,
                            .length = second < 126 ? second : 0};
    if (r->len - p < width + (frame->masked ? 4u : 0u))
        return false;
    for (unsigned i = 0; i < width; i++)
        frame->length = frame->length * 256 + r->data[p + i];
    frame->payload = p + width + (frame->masked ? 4 : 0);
    frame->whole = frame->length <= r->len - frame->payload;
    return true;
}

static uint8_t byte_of(const struct reading *r, const struct frame *frame, size_t i)
{
    uint8_t byte = r->data[frame->payload + i];

    return frame->masked ? (uint8_t)(byte ^ r->data[frame->payload - 4 + i % 4]) : byte;
}

/* Section 5, everything that the header alone shows. */
static bool legal_header(const struct reading *r, const struct frame *frame)
{
    bool control = frame->opcode >= 8;

    if (frame->masked != r->from_client)
        return false;
    if ((frame->first & 0x70) != 0)
        return false;
    if ((frame->opcode > 2 && frame->opcode < 8) || frame->opcode > 10)
        return false;
    if (control)
        return frame->fin && frame->length <= 125;
    if (frame->length > INT64_MAX)
        return false;
    return (frame->opcode == 0) == (r->message_opcode != 0);
}

/* Section 7.4: may stand in a Close frame. */
static bool legal_code(unsigned code)
{
    switch (code) {
    case 1004:
    case 1005:
    case 1006:
    case 1015:
        return false;
    default:
        return (code >= 1000 && code < 1016) || (code >= 3000 && code < 5000);
    }
}

static void tell(const struct reading *r, struct wso_event event)
{
    r->see(r->context, &event);
}

static void tell_broken(const struct reading *r, const struct frame *frame, unsigned code,
                        uint64_t at)
{
    tell(r, (struct wso_event){.kind = WSO_BROKEN, .code = code, .frame = frame->begins, .at = at});
}

/* False: nothing comes after it. */
static bool read_control(const struct reading *r, const struct frame *frame)
{
    uint8_t payload[125];
    struct wso_event event = {
        .data = payload, .len = (size_t)frame->length, .frame = frame->begins};
    size_t good;
    bool whole;

    for (size_t i = 0; i < frame->length; i++)
        payload[i] = byte_of(r, frame, i);
    if (frame->opcode != 8) {
        event.kind = frame->opcode == 9 ? WSO_PING : WSO_PONG;
        tell(r, event);
        return true;
    }
    event.kind = WSO_CLOSE;
    if (frame->length > 0) {
        event.code = frame->length == 1 ? 0 : payload[0] * 256u + payload[1];
        if (!legal_code(event.code)) {
            tell_broken(r, frame, 1002, frame->begins);
            return false;
        }
        event.data += 2;
        event.len -= 2;
    }
    good = wso_utf8(event.data, event.len, &whole);
    if (good < event.len || !whole)
        tell_broken(r, frame, 1007, frame->payload + 2 + good);
    else
        tell(r, event);
    return false;
}

/* Takes what is there of a data frame.  False: nothing comes after it. */
static bool read_data(struct reading *r, const struct frame *frame)
{
    size_t before, n, good;
    bool whole = true;

    if (frame->opcode != 0) {
        r->message_opcode = frame->opcode;
        r->message_len = 0;
    }
    before = r->message_len;
    n = frame->whole ? (size_t)frame->length : r->len - frame->payload;
    for (size_t i = 0; i < n; i++)
        r->message[r->message_len++] = byte_of(r, frame, i);
    if (r->message_opcode == 1) {
        good = wso_utf8(r->message, r->message_len, &whole);
        if (good < r->message_len) {
            tell_broken(r, frame, 1007, frame->payload + good - before);
            return false;
        }
    }
    if (!frame->whole)
        return false;
    if (!frame->fin)
        return true;
    if (!whole) {
        tell_broken(r, frame, 1007, frame->begins);
        return false;
    }
    tell(r, (struct wso_event){.kind = r->message_opcode == 1 ? WSO_TEXT : WSO_BINARY,
                               .data = r->message,
                               .len = r->message_len,
                               .frame = frame->begins});
    r->message_opcode = 0;
    return true;
}

void wso_frames(const uint8_t *data, size_t len, bool from_client, uint8_t *scratch,
                void (*see)(void *context, const struct wso_event *event), void *context)
{
    struct reading r = {.data = data,
                        .len = len,
                        .from_client = from_client,
                        .message = scratch,
                        .see = see,
                        .context = context};
    struct frame frame;

    for (size_t at = 0; read_frame(&r, at, &frame); at = frame.payload + (size_t)frame.length) {
        if (!legal_header(&r, &frame)) {
            tell_broken(&r, &frame, 1002, frame.begins);
            return;
        }
        if (frame.opcode >= 8) {
            if (!frame.whole || !read_control(&r, &frame))
                return;
        } else if (!read_data(&r, &frame)) {
            return;
        }
    }
}
