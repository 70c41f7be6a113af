#include <string.h>

#include <wsc/check.h>
#include <wsc/frame.h>

#include "kernels.h"

/* One call's view: every violation leaves through broke(). */
struct view {
    struct wsc_check *check;
    const struct wsc_piece *piece;
    struct wsc_findings *findings;
};

static void broke(const struct view *v, enum wsc_rule rule, uint64_t at)
{
    if (v->check->broken.rule == WSC_RULE_NONE && wsc_rule_info(rule)->close_code != 0)
        v->check->broken = (struct wsc_violation){rule, at};
    wsc_findings_note(v->findings, rule, at);
}

static void judge(const struct view *v, enum wsc_rule rule, bool broken, uint64_t at)
{
    if (broken)
        broke(v, rule, at);
    else if (v->findings != NULL)
        wsc_findings_occasion(v->findings, rule);
}

void wsc_check_init(struct wsc_check *check, enum wsc_role sender)
{
    memset(check, 0, sizeof *check);
    check->sender = sender;
}

uint16_t wsc_close_code(const uint8_t *payload, size_t len)
{
    if (len < 2)
        return 0;
    return (uint16_t)(payload[0] << 8 | payload[1]);
}

bool wsc_close_code_sendable(uint16_t code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static bool defined_opcode(uint8_t opcode)
{
    return opcode <= WSC_BINARY || (opcode >= WSC_CLOSE && opcode <= WSC_PONG);
}

/* RSV1 says of a message's first frame that the message is compressed (RFC 7692, section 6). */
static void check_rsv(const struct view *v)
{
    const struct wsc_frame *f = &v->piece->frame;
    bool rsv1 = (f->rsv & WSC_RSV1) != 0, deflate = v->check->deflate;
    uint64_t at = v->piece->at;
    judge(v, WSC_RULE_FRAME_RSV, (f->rsv & ~WSC_RSV1) != 0 || (rsv1 && !deflate), at);
    if (deflate && wsc_is_control(f->opcode))
        judge(v, WSC_RULE_DEFLATE_CONTROL, rsv1, at);
    if (deflate && f->opcode == WSC_CONT)
        judge(v, WSC_RULE_DEFLATE_CONTINUATION, rsv1, at);
}

/* What any header shows. */
static void check_header(const struct view *v)
{
    const struct wsc_frame *f = &v->piece->frame;
    uint64_t at = v->piece->at;
    if (v->check->sender == WSC_CLIENT)
        judge(v, WSC_RULE_FRAME_UNMASKED, !f->masked, at + 1);
    else
        judge(v, WSC_RULE_FRAME_MASKED, f->masked, at + 1);
    check_rsv(v);
    judge(v, WSC_RULE_FRAME_OPCODE, !defined_opcode(f->opcode), at);
    judge(v, WSC_RULE_FRAME_LENGTH_FORM, f->form > wsc_length_form(f->length), at + 1);
    if (f->form == 64)
        judge(v, WSC_RULE_FRAME_LENGTH_TOP, f->length >> 63 != 0, at + 2);
    if (wsc_is_control(f->opcode)) {
        judge(v, WSC_RULE_CONTROL_FRAGMENTED, !f->fin, at);
        judge(v, WSC_RULE_CONTROL_LENGTH, f->length > WSC_CONTROL_MAX, at + 1);
    }
}

/* Where in a message the frame stands, and what may still follow a Close. */
static void check_sequence(const struct view *v)
{
    struct wsc_check *check = v->check;
    uint8_t opcode = v->piece->frame.opcode;
    uint64_t at = v->piece->at;
    if (check->close_seen) {
        if (opcode == WSC_CLOSE)
            broke(v, WSC_RULE_CLOSE_SECOND, at);
        else if (!wsc_is_control(opcode))
            broke(v, WSC_RULE_CLOSE_DATA_AFTER, at);
    }
    if (opcode == WSC_CONT) {
        judge(v, WSC_RULE_MESSAGE_STRAY, check->message == 0, at);
    } else if (opcode <= WSC_BINARY) {
        judge(v, WSC_RULE_MESSAGE_INTERRUPTED, check->message != 0, at);
        check->message = opcode;
        check->compressed = check->deflate && (v->piece->frame.rsv & WSC_RSV1) != 0;
        check->text_broken = false;
        check->utf8 = (struct wsc_utf8){0};
    }
}

static void check_text(const struct view *v)
{
    struct wsc_check *check = v->check;
    const struct wsc_piece *piece = v->piece;
    if (check->text_broken)
        return;
    size_t good = piece->len;
    if (!piece->ascii || !wsc_utf8_complete(&check->utf8))
        good = wsc_utf8_feed(&check->utf8, piece->data, piece->len);
    if (piece->len != 0)
        wsc_findings_occasion(v->findings, WSC_RULE_TEXT_UTF8);
    if (good < piece->len) {
        check->text_broken = true;
        broke(v, WSC_RULE_TEXT_UTF8, wsc_piece_at(piece) + good);
    } else if (piece->last && piece->frame.fin) {
        judge(v, WSC_RULE_TEXT_CUT, !wsc_utf8_complete(&check->utf8), piece->at);
    }
}

/* Codes that no side may send, not even as an echo.  A Close without a code (0) shows that none is.
 */
static void check_forbidden(const struct view *v, uint16_t code, uint64_t at)
{
    judge(v, WSC_RULE_CLOSE_1004, code == 1004, at);
    judge(v, WSC_RULE_CLOSE_1005, code == 1005, at);
    judge(v, WSC_RULE_CLOSE_1006, code == 1006, at);
    judge(v, WSC_RULE_CLOSE_1015, code == 1015, at);
}

/* Codes that an endpoint may not choose itself. */
static void check_chosen(const struct view *v, uint16_t code, uint64_t at)
{
    if (v->check->answered && code == v->check->answered_code)
        return;
    judge(v, WSC_RULE_CLOSE_CODE_LOW, code < 1000, at);
    judge(v, WSC_RULE_CLOSE_CODE_UNDEFINED, code >= 1016 && code <= 2999, at);
    judge(v, WSC_RULE_CLOSE_CODE_RANGE, code < 1000 || code > 4999, at);
    if (v->check->sender == WSC_SERVER)
        judge(v, WSC_RULE_CLOSE_1010, code == 1010, at);
}

/* A whole Close; an oversized one has been cut, so that its reason cannot be judged. */
static void check_close(const struct view *v)
{
    struct wsc_check *check = v->check;
    uint64_t at = wsc_piece_at(v->piece) - v->piece->done;
    judge(v, WSC_RULE_CLOSE_ONE_BYTE, check->control_len == 1, at);
    uint16_t code = wsc_close_code(check->control, check->control_len);
    check_forbidden(v, code, at);
    if (check->control_len >= 2)
        check_chosen(v, code, at);
    if (check->control_len > 2 && v->piece->frame.length <= WSC_CONTROL_MAX) {
        struct wsc_utf8 utf8 = {0};
        size_t len = check->control_len - 2;
        size_t good = wsc_utf8_feed(&utf8, check->control + 2, len);
        judge(v, WSC_RULE_CLOSE_REASON, good < len || !wsc_utf8_complete(&utf8), at + 2 + good);
    }
    check->close_seen = true;
    wsc_findings_occasion(v->findings, WSC_RULE_CLOSE_SECOND);
    wsc_findings_occasion(v->findings, WSC_RULE_CLOSE_DATA_AFTER);
}

static void check_control(const struct view *v)
{
    struct wsc_check *check = v->check;
    const struct wsc_piece *piece = v->piece;
    if (piece->first)
        check->control_len = 0;
    size_t room = WSC_CONTROL_MAX - check->control_len;
    size_t n = piece->len < room ? piece->len : room;
    memcpy(check->control + check->control_len, piece->data, n);
    check->control_len += n;
    if (piece->last && piece->frame.opcode == WSC_CLOSE)
        check_close(v);
}

_Static_assert(WSC_RULE_TEXT_CUT < 64, "the occasions of a plain frame are in one word");

static void note_plain(const struct wsc_check *check, const struct wsc_piece *piece,
                       struct wsc_findings *findings)
{
#define BIT(rule) (UINT64_C(1) << WSC_RULE_##rule)
    static const uint64_t of_sender[] = {
        [WSC_CLIENT] = BIT(FRAME_UNMASKED), [WSC_SERVER] = BIT(FRAME_MASKED)};
    uint64_t bits = of_sender[check->sender] | BIT(FRAME_RSV) | BIT(FRAME_OPCODE) |
                    BIT(FRAME_LENGTH_FORM) | BIT(MESSAGE_INTERRUPTED);
    if (piece->frame.opcode == WSC_TEXT)
        bits |= piece->len != 0 ? BIT(TEXT_UTF8) | BIT(TEXT_CUT) : BIT(TEXT_CUT);
    findings->occasions[0] |= bits;
#undef BIT
}

WSC_ASIDE static void check_in_steps(struct wsc_check *check, const struct wsc_piece *piece,
                                     struct wsc_findings *findings)
{
    const struct view v = {check, piece, findings};
    uint8_t opcode = piece->frame.opcode;
    if (piece->first) {
        check_header(&v);
        check_sequence(&v);
    }
    if (wsc_is_control(opcode)) {
        check_control(&v);
    } else if (opcode <= WSC_BINARY) {
        if (check->message == WSC_TEXT && !check->compressed)
            check_text(&v);
        if (piece->last && piece->frame.fin)
            check->message = 0;
    }
}

static inline void take_plain(struct wsc_check *check, const struct wsc_piece *piece,
                              struct wsc_findings *findings)
{
    check->compressed = false;
    if (findings != NULL)
        note_plain(check, piece, findings);
}

WSC_ASIDE static void check_plain_text(struct wsc_check *check, const struct wsc_piece *piece,
                                       struct wsc_findings *findings)
{
    if (wsc_utf8_valid(piece->data, piece->len))
        take_plain(check, piece, findings);
    else
        check_in_steps(check, piece, findings);
}

/* The piece that nearly all others are: amid the payload of a message's frame, with nothing in it
 * to judge. */
static inline bool quiet(const struct wsc_check *check, const struct wsc_piece *piece,
                         struct wsc_findings *findings)
{
    if (piece->last || piece->frame.opcode > WSC_BINARY)
        return false;
    if (check->message != WSC_TEXT || check->compressed || check->text_broken)
        return true;
    if (!piece->ascii || !wsc_utf8_complete(&check->utf8))
        return false;
    wsc_findings_occasion(findings, WSC_RULE_TEXT_UTF8);
    return true;
}

/* The piece that nearly all are, a whole message, is judged in one step; whatever else it may be,
 * the steps say.  They would say the same of it. */
void wsc_check_piece(struct wsc_check *check, const struct wsc_piece *piece,
                     struct wsc_findings *findings)
{
    if (!piece->first) {
        if (!quiet(check, piece, findings))
            check_in_steps(check, piece, findings);
    } else if (!piece->plain || check->message != 0 || check->close_seen ||
               piece->frame.masked != (check->sender == WSC_CLIENT)) {
        check_in_steps(check, piece, findings);
    } else if (piece->frame.opcode == WSC_TEXT && !piece->ascii) {
        check_plain_text(check, piece, findings);
    } else {
        take_plain(check, piece, findings);
    }
}
