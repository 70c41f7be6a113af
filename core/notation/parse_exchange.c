/* What stands behind an arrow: all that is sent and all that is expected. */
#include <string.h>

#include "parser.h"

static const char *const frame_words[] = {"text", "binary", "cont", "ping", "pong", "close"};

static bool is_lone_variable(const char *p, size_t n)
{
    return n > 1 && p[0] == '$' && wsn_name_length(p + 1, n - 1) == n - 1;
}

bool wsn_ends_step(struct wsn_cursor *c)
{
    return wsn_at_end(c) || *c->p == '@' || wsn_peek_is(c, "within") || wsn_peek_is(c, "every");
}

/* --- codes --- */

static bool is_status(const char *p, size_t n)
{
    if (n != 3 || p[0] < '1' || p[0] > '9')
        return false;
    bool class = p[0] <= '5' && p[1] == 'x' && p[2] == 'x';
    return class || (p[1] >= '0' && p[1] <= '9' && p[2] >= '0' && p[2] <= '9');
}

static bool check_code(const struct wsn_cursor *c, const char *p, size_t n, bool status,
                       const struct wsn_text *text)
{
    if (n == 0)
        return wsn_fail(c, p, 1, "expected a code beside `|`");
    if (wsn_has_variable(text))
        return true;
    if (!status)
        return wsn_check_number(c, p, n, text, 0, UINT16_MAX, "a close code");
    return is_status(p, n) || wsn_fail(c, p, n ? n : 1,
                                       "expected a status, as `101`, `4xx` or `400|426`, "
                                       "found `%s`",
                                       wsn_shown(c->parser, p, n));
}

/* Codes of a word, parted by '|'. */
static bool parse_codes(struct wsn_cursor *c, bool statuses, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *p = c->p, *end = p + n;
    c->p = end;
    while (p <= end) {
        const char *bar = memchr(p, '|', (size_t)(end - p));
        size_t length = (size_t)((bar ? bar : end) - p);
        struct wsn_text *code = WSN_ADD(c->parser, step->codes, step->code_count);
        if (!wsn_plain(c, p, length, WSN_PLAIN_TEXT, code) ||
            !check_code(c, p, length, statuses, code))
            return false;
        p += length + 1;
    }
    return true;
}

static bool parse_code(struct wsn_cursor *c, const char *p, size_t n, struct wsn_step *step)
{
    struct wsn_text *code = WSN_ADD(c->parser, step->codes, step->code_count);
    return wsn_take_word(c, "a close code", code) && check_code(c, p, n, false, code);
}

/* `[CODE ["reason"]]` of close; one of several codes, where it is expected. */
static bool parse_close(struct wsn_cursor *c, bool expected, struct wsn_step *step)
{
    if (wsn_ends_step(c) || wsn_modifier_stands(c))
        return true;
    size_t n = wsn_peek(c);
    const char *p = c->p;
    if (*p != '$' && (*p < '0' || *p > '9'))
        return wsn_unexpected(c, "a close code");
    if (expected ? !parse_codes(c, false, step) : !parse_code(c, p, n, step))
        return false;
    return !wsn_payload_stands(c) || wsn_parse_payload(c, expected, &step->reason);
}

/* --- frames --- */

/* Payload and modifiers, in any order; the payload once. */
static bool parse_frame(struct wsn_cursor *c, bool expected, unsigned places, struct wsn_step *step)
{
    while (!wsn_ends_step(c)) {
        bool good = true;
        if (wsn_modifier_stands(c))
            good = wsn_parse_modifier(c, places, step);
        else if (!step->payload.present && wsn_payload_stands(c))
            good = wsn_parse_payload(c, expected, &step->payload);
        else
            good =
                wsn_unexpected(c, step->payload.present ? "`+`, a modifier or the end of the step"
                                                        : "a payload or a modifier");
        if (!good)
            return false;
    }
    return true;
}

static bool parse_modifiers(struct wsn_cursor *c, unsigned places, struct wsn_step *step)
{
    while (!wsn_ends_step(c)) {
        if (!wsn_modifier_stands(c))
            return wsn_unexpected(c, "a modifier or the end of the step");
        if (!wsn_parse_modifier(c, places, step))
            return false;
    }
    return true;
}

static bool has_opcode(const struct wsn_step *step)
{
    return step->modifier_count && strcmp(step->modifiers[0].name, "opcode") == 0;
}

static bool parse_any_opcode(struct wsn_cursor *c, struct wsn_step *step)
{
    const char *at = c->p;
    if (!parse_frame(c, false, WSN_AT_FRAME | WSN_AT_OPCODE, step))
        return false;
    return has_opcode(step) || wsn_fail(c, at, 1, "expected `opcode=N` behind `frame`");
}

/* --- what we send --- */

static bool parse_send_frame(struct wsn_cursor *c, struct wsn_step *step)
{
    step->kind = WSN_SEND_FRAME;
    if (!wsn_take_word(c, "a frame's type", &step->verb))
        return false;
    if (wsn_text_is(&step->verb, "frame"))
        return parse_any_opcode(c, step);
    if (wsn_text_is(&step->verb, "close"))
        return parse_close(c, false, step) && parse_modifiers(c, WSN_AT_FRAME, step);
    return parse_frame(c, false, WSN_AT_FRAME, step);
}

/* A lone `$name` is a status where a status can stand. */
static bool is_status_word(struct wsn_cursor *c)
{
    size_t n = wsn_peek(c);
    const char *p = c->p;
    if (n == 0)
        return false;
    if (*p >= '0' && *p <= '9')
        return true;
    if (*p != '$')
        return false;
    struct wsn_cursor behind = *c;
    behind.p += n;
    return memchr(p, '|', n) || (is_lone_variable(p, n) && wsn_ends_step(&behind));
}

static bool parse_sent_status(struct wsn_cursor *c, struct wsn_step *step)
{
    size_t n = wsn_peek(c);
    const char *p = c->p;
    struct wsn_text *code = WSN_ADD(c->parser, step->codes, step->code_count);
    return wsn_take_word(c, "a status", code) &&
           wsn_check_number(c, p, n, code, 100, 999, "a status");
}

static bool parse_send_head(struct wsn_cursor *c, struct wsn_step *step)
{
    bool status = is_status_word(c);
    step->kind = c->parser->server ? WSN_SEND_RESPONSE : WSN_SEND_REQUEST;
    if (status != c->parser->server && *c->p != '"')
        return wsn_fail(c, c->p, wsn_peek(c),
                        status ? "a client sends no status; `role server` is missing"
                               : "a server sends no request: here we play the server");
    bool good;
    if (*c->p == '"')
        good = wsn_parse_payload(c, false, &step->payload);
    else if (status)
        good = parse_sent_status(c, step);
    else
        good = wsn_take_word(c, "a method", &step->verb);
    return good && wsn_parse_head(c, step);
}

bool wsn_parse_send(struct wsn_cursor *c, struct wsn_step *step)
{
    static const char *const words[] = {"text",  "binary", "cont", "ping",  "pong", "close",
                                        "frame", "raw",    "fin",  "reset", "GET"};
    size_t n = wsn_peek(c);
    if (n == 0)
        return wsn_unexpected(c, "what is sent");
    if (*c->p == '"' || wsn_method_stands(c) ||
        (is_status_word(c) && (*c->p != '$' || c->parser->server)))
        return parse_send_head(c, step);
    if (wsn_take_if(c, "fin")) {
        step->kind = WSN_SEND_FIN;
        return true;
    }
    if (wsn_take_if(c, "reset")) {
        step->kind = WSN_SEND_RESET;
        return true;
    }
    if (wsn_take_if(c, "raw")) {
        step->kind = WSN_SEND_RAW;
        return wsn_parse_payload(c, false, &step->payload) && parse_modifiers(c, WSN_AT_RAW, step);
    }
    if (wsn_is_one_of(c->p, n, WSN_WORDS(frame_words)) || wsn_is(c->p, n, "frame") ||
        is_lone_variable(c->p, n))
        return parse_send_frame(c, step);
    return wsn_unknown(c, "a method, a status, a frame, `raw`, `fin` or `reset`", WSN_WORDS(words));
}

/* --- what the peer must send --- */

static bool parse_expect_frame(struct wsn_cursor *c, struct wsn_step *step)
{
    step->kind = WSN_EXPECT_FRAME;
    size_t n = wsn_peek(c);
    struct wsn_cursor behind = *c;
    behind.p += n;
    bool variable = is_lone_variable(c->p, n) && wsn_payload_stands(&behind);
    if ((wsn_is_one_of(c->p, n, WSN_WORDS(frame_words)) || variable) &&
        !wsn_take_word(c, "an opcode", &step->verb))
        return false;
    unsigned places = WSN_AT_EXPECTED | (step->verb.present ? 0u : (unsigned)WSN_AT_OPCODE);
    return parse_frame(c, true, places, step);
}

static bool parse_expect_message(struct wsn_cursor *c, struct wsn_step *step)
{
    step->kind = WSN_EXPECT_MESSAGE;
    if (!wsn_take_word(c, "a message's type", &step->verb))
        return false;
    return wsn_ends_step(c) || wsn_parse_payload(c, true, &step->payload);
}

static bool parse_expect_head(struct wsn_cursor *c, struct wsn_step *step)
{
    bool status = is_status_word(c);
    step->kind = status ? WSN_EXPECT_STATUS : WSN_EXPECT_REQUEST;
    if (status == c->parser->server)
        return wsn_fail(c, c->p, wsn_peek(c),
                        status ? "a client sends no status: here we play the server"
                               : "a server sends no request; `role server` is missing");
    return status ? parse_codes(c, true, step) : wsn_parse_expected_request(c, step);
}

static const struct {
    const char *word;
    enum wsn_step_kind kind;
} expectations[] = {
    {"echo", WSN_EXPECT_ECHO},    {"eof", WSN_EXPECT_EOF},       {"refused", WSN_EXPECT_REFUSED},
    {"fail", WSN_EXPECT_FAIL},    {"refuse", WSN_EXPECT_REFUSE}, {"close", WSN_EXPECT_CLOSE},
    {"frame", WSN_EXPECT_FRAME},  {"text", WSN_EXPECT_MESSAGE},  {"binary", WSN_EXPECT_MESSAGE},
    {"ping", WSN_EXPECT_MESSAGE}, {"pong", WSN_EXPECT_MESSAGE},
};
enum { EXPECTATIONS = sizeof expectations / sizeof *expectations };

static bool parse_expect_word(struct wsn_cursor *c, enum wsn_step_kind kind, struct wsn_step *step)
{
    step->kind = kind;
    if (kind == WSN_EXPECT_MESSAGE)
        return parse_expect_message(c, step);
    c->p += wsn_peek(c);
    if (kind == WSN_EXPECT_CLOSE)
        return parse_close(c, true, step);
    if (kind == WSN_EXPECT_FRAME)
        return parse_expect_frame(c, step);
    if ((kind == WSN_EXPECT_FAIL || kind == WSN_EXPECT_REFUSE) && !wsn_ends_step(c))
        return parse_codes(c, kind == WSN_EXPECT_REFUSE, step);
    return true;
}

bool wsn_parse_expect(struct wsn_cursor *c, struct wsn_step *step)
{
    static const char *const words[] = {"echo",  "eof",  "refused", "fail", "refuse", "close",
                                        "frame", "text", "binary",  "ping", "pong",   "GET"};
    size_t n = wsn_peek(c);
    if (n == 0)
        return wsn_unexpected(c, "what the peer must send");
    for (size_t i = 0; i < EXPECTATIONS; i++) {
        if (wsn_is(c->p, n, expectations[i].word))
            return parse_expect_word(c, expectations[i].kind, step);
    }
    if (wsn_method_stands(c) || (is_status_word(c) && (*c->p != '$' || !c->parser->server)))
        return parse_expect_head(c, step);
    if (is_lone_variable(c->p, n))
        return parse_expect_message(c, step);
    if (wsn_is(c->p, n, "cont"))
        return wsn_fail(c, c->p, n, "a message is expected whole; a fragment is `frame cont`");
    return wsn_unknown(c,
                       "a status, `refuse`, a message, `echo`, `frame`, `close`, `fail` or `eof`",
                       WSN_WORDS(words));
}
