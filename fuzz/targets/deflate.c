/* deflate - compressed messages come out the same however they are cut, as the oracle reads them,
 * and with the faults that it sees; what we compress comes back and breaks no rule; and of any
 * offers the one chosen is answered rightly.
 *
 * Input: what to do, terms, cut, then messages (two bytes of length, payload), a text to compress,
 * or the value of Sec-WebSocket-Extensions.
 */
#include <stdlib.h>
#include <string.h>
#include <wsc/deflate.h>
#include <wsc/handshake.h>
#include <wsf/deflate.h>

enum { LIMIT = 100000 };

/* What one reader makes of all messages. */
struct reader {
    struct wsc_inflate *inflate;
    struct wsc_findings findings;
    struct wsf_log out, broken;
    uint64_t at; /* in the stream */
    enum wsc_inflated said;
};

static void note_findings(struct reader *reader)
{
    for (size_t i = 0; i < reader->findings.count; i++) {
        wsf_log_number(&reader->broken, reader->findings.list[i].rule);
        wsf_log_number(&reader->broken, reader->findings.list[i].at);
    }
    reader->findings.count = 0;
}

static void read_piece(struct reader *reader, const struct wsc_piece *piece)
{
    const uint8_t *data;
    size_t len;

    wsc_inflate_feed(reader->inflate, piece);
    while ((reader->said = wsc_inflate_next(reader->inflate, &data, &len, &reader->findings)) ==
           WSC_INFLATED) {
        WSF_LAW(len > 0);
        wsf_log_put(&reader->out, data, len);
        note_findings(reader);
    }
    note_findings(reader);
}

/* One message of one frame; its head takes two bytes. */
static void read_message(struct reader *reader, const uint8_t *payload, size_t size, bool text,
                         uint8_t cut)
{
    struct wsc_piece piece = {
        .frame = {.fin = true, .opcode = text ? WSC_TEXT : WSC_BINARY, .form = 7, .length = size},
        .at = reader->at};
    struct wsf_cuts cuts;

    wsf_cuts_init(&cuts, cut);
    reader->out.n = 0;
    reader->said = WSC_INFLATE_HUNGRY;
    wsc_inflate_begin(reader->inflate, piece.frame.opcode, piece.at, LIMIT);
    do {
        uint8_t *copy;

        piece.len = size > piece.done ? wsf_cuts_next(&cuts, size - (size_t)piece.done) : 0;
        piece.last = piece.done + piece.len == size;
        copy = wsf_copy(payload + piece.done, piece.len);
        piece.data = copy;
        read_piece(reader, &piece);
        free(copy);
        piece.done += piece.len;
    } while (reader->said == WSC_INFLATE_HUNGRY);
    reader->at += 2 + size;
}

static bool was_broken(const struct reader *reader, size_t from, enum wsc_rule rule)
{
    for (size_t i = from; i + 16 <= reader->broken.n; i += 16) {
        uint64_t found;

        memcpy(&found, reader->broken.p + i, sizeof found);
        if (found == rule)
            return true;
    }
    return false;
}

/* More was found at once than findings hold. */
static bool not_all(const struct reader *reader)
{
    return reader->findings.total > reader->broken.n / 16;
}

/* The oracle reads the same, and finds the same faults. */
static void check_opinion(struct wso_inflate *oracle, const struct reader *reader, size_t from,
                          const struct wso_packed *packed, bool server)
{
    const enum wsc_rule rules[] = {[WSO_FAULT_DATA] = WSC_RULE_DEFLATE_DATA,
                                   [WSO_FAULT_LARGE] = WSC_RULE_NONE,
                                   [WSO_FAULT_WINDOW] = server ? WSC_RULE_DEFLATE_SERVER_WINDOW
                                                               : WSC_RULE_DEFLATE_CLIENT_WINDOW,
                                   [WSO_FAULT_TAKEOVER] = server ? WSC_RULE_DEFLATE_SERVER_TAKEOVER
                                                                 : WSC_RULE_DEFLATE_CLIENT_TAKEOVER,
                                   [WSO_FAULT_UTF8] = WSC_RULE_TEXT_UTF8,
                                   [WSO_FAULT_PADDING] = WSC_RULE_DEFLATE_PADDING,
                                   [WSO_FAULT_EMPTY] = WSC_RULE_DEFLATE_EMPTY,
                                   [WSO_FAULT_END] = WSC_RULE_DEFLATE_END,
                                   [WSO_FAULT_TAIL] = WSC_RULE_DEFLATE_TAIL,
                                   [WSO_FAULT_CUT] = WSC_RULE_DEFLATE_CUT,
                                   [WSO_FAULT_TEXT_CUT] = WSC_RULE_TEXT_CUT};
    struct wso_inflated seen = wso_inflate(oracle, packed, NULL, NULL);

    for (unsigned i = 0; i < sizeof rules / sizeof *rules; i++) {
        bool found = i == WSO_FAULT_LARGE ? reader->said == WSC_INFLATE_LIMIT
                                          : was_broken(reader, from, rules[i]);

        WSF_LAW(found == ((seen.faults & 1u << i) != 0) || (!found && not_all(reader)));
    }
    WSF_LAW(seen.good == (reader->said == WSC_INFLATE_END));
    WSF_LAW(reader->out.n == seen.len);
    WSF_LAW(seen.len == 0 || memcmp(reader->out.p, seen.data, seen.len) == 0);
    wso_inflate_next(oracle, packed, &seen);
}

static bool same_violation(const struct wsc_violation *a, const struct wsc_violation *b)
{
    return a->rule == b->rule && a->at == b->at;
}

/* An endpoint stops at the first fatal thing that an observer notes, with the beginning of its
 * bytes. */
static void check_strict(const struct reader *strict, const struct reader *observer)
{
    const struct wsc_violation *a = wsc_inflate_broken(strict->inflate);
    const struct wsc_violation *b = wsc_inflate_broken(observer->inflate);

    WSF_LAW(same_violation(a, b) || (strict->said == WSC_INFLATE_LIMIT));
    WSF_LAW(strict->out.n <= observer->out.n);
    WSF_LAW(strict->out.n == 0 || memcmp(strict->out.p, observer->out.p, strict->out.n) == 0);
    WSF_LAW(a->rule != WSC_RULE_NONE || strict->out.n == observer->out.n);
}

static void read_messages(struct wsf_input input, uint8_t choice, uint8_t cut)
{
    static uint8_t room[WSO_WINDOW_MAX + LIMIT];
    const struct wsc_deflate_terms terms = wsf_terms(choice);
    enum wsc_role sender = choice & 16 ? WSC_CLIENT : WSC_SERVER;
    struct reader whole = {.inflate =
                               wsc_inflate_new(&wsf_heap, sender, &terms, WSC_INFLATE_OBSERVE)};
    struct reader pieces = {.inflate =
                                wsc_inflate_new(&wsf_heap, sender, &terms, WSC_INFLATE_OBSERVE)};
    struct reader strict = {.inflate =
                                wsc_inflate_new(&wsf_heap, sender, &terms, WSC_INFLATE_STRICT)};
    struct wso_inflate oracle = {
        .window = UINT32_C(1) << (8 + (choice & 7)), .alone = choice & 8, .room = room};

    while (input.n > 0) {
        size_t size = wsf_byte(&input), from = whole.broken.n;

        size |= (size_t)wsf_byte(&input) << 8;
        size = size < input.n ? size : input.n;
        read_message(&whole, input.p, size, choice & 32, 0);
        read_message(&pieces, input.p, size, choice & 32, cut);
        WSF_LAW(whole.said == pieces.said && wsf_log_same(&whole.out, &pieces.out));
        if (wsc_inflate_broken(strict.inflate)->rule == WSC_RULE_NONE &&
            strict.said != WSC_INFLATE_LIMIT) {
            read_message(&strict, input.p, size, choice & 32, cut);
            check_strict(&strict, &whole);
        }
        check_opinion(&oracle, &whole, from,
                      &(struct wso_packed){.payload = input.p,
                                           .size = size,
                                           .text = choice & 32,
                                           .whole = true,
                                           .limit = LIMIT},
                      sender == WSC_SERVER);
        input.p += size;
        input.n -= size;
    }
    WSF_LAW(whole.findings.total == pieces.findings.total);
    WSF_LAW(not_all(&whole) || not_all(&pieces) || wsf_log_same(&whole.broken, &pieces.broken));
    WSF_LAW(memcmp(whole.findings.occasions, pieces.findings.occasions,
                   sizeof whole.findings.occasions) == 0);
    wsc_inflate_free(whole.inflate);
    wsc_inflate_free(pieces.inflate);
    wsc_inflate_free(strict.inflate);
    wsf_log_drop(&whole.out);
    wsf_log_drop(&whole.broken);
    wsf_log_drop(&pieces.out);
    wsf_log_drop(&pieces.broken);
    wsf_log_drop(&strict.out);
    wsf_log_drop(&strict.broken);
}

/* Parts of any size; an observer gets them back and has nothing to say. */
static void compress_messages(struct wsf_input input, uint8_t choice, uint8_t cut)
{
    const struct wsc_deflate_terms terms = wsf_terms(choice);
    enum wsc_role sender = choice & 16 ? WSC_CLIENT : WSC_SERVER;
    struct wsc_deflate *deflate = wsc_deflate_new(&wsf_heap, sender, &terms, cut % 10);
    struct reader reader = {.inflate =
                                wsc_inflate_new(&wsf_heap, sender, &terms, WSC_INFLATE_OBSERVE)};
    struct wsf_log packed = {0};
    struct wsf_cuts cuts;

    wsf_cuts_init(&cuts, cut);
    for (unsigned message = 0; message < 3; message++) {
        size_t at = 0;

        packed.n = 0;
        do {
            size_t n = input.n > at ? wsf_cuts_next(&cuts, input.n - at) : 0;
            size_t bound = wsc_deflate_bound(deflate, n);
            uint8_t *out = malloc(bound);

            WSF_LAW(out);
            wsf_log_put(&packed, out,
                        wsc_deflate_part(deflate, input.p + at, n, at + n == input.n, out, bound));
            free(out);
            at += n;
        } while (at < input.n);
        WSF_LAW(packed.n > 0);
        read_message(&reader, packed.p, packed.n, false, cut);
        WSF_LAW(reader.said == WSC_INFLATE_END && reader.findings.total == 0);
        WSF_LAW(reader.out.n == input.n);
        WSF_LAW(input.n == 0 || memcmp(reader.out.p, input.p, input.n) == 0);
    }
    wsc_deflate_free(deflate);
    wsc_inflate_free(reader.inflate);
    wsf_log_drop(&reader.out);
    wsf_log_drop(&reader.broken);
    wsf_log_drop(&packed);
}

static bool is_about_deflate(enum wsc_rule rule)
{
    return strncmp(wsc_rule_info(rule)->requirement, "7692-", 5) == 0;
}

/* A value without line ends, so that it is one field. */
static void choose(struct wsf_input input, uint8_t choice)
{
    static struct wsc_head request, response;
    const struct wsc_deflate_terms wish = wsf_terms(choice);
    struct wsc_deflate_terms agreed, again;
    struct wsc_findings findings = {0};
    struct wsc_answer answer;
    char offers[512], text[2048], extensions[WSC_DEFLATE_TEXT];
    size_t n = 0;

    for (; n < input.n && n < sizeof offers - 1; n++)
        offers[n] = input.p[n] < ' ' ? ' ' : (char)input.p[n];
    offers[n] = '\0';
    n = wsc_request_write(
        &(struct wsc_request){
            .target = "/", .host = "h", .key = "dGhlIHNhbXBsZSBub25jZQ==", .extensions = offers},
        text, sizeof text);
    WSF_LAW(wsc_http_request((const uint8_t *)text, n, n, &request, NULL) == WSC_HTTP_DONE);
    if (!wsc_deflate_choose(&request, &wish, &agreed))
        return;
    WSF_LAW(agreed.client_max_window_bits != WSC_BITS_ASKED);
    WSF_LAW(wsc_deflate_write(&agreed, extensions, sizeof extensions) > 0);
    WSF_LAW(wsc_deflate_read((struct wsc_text){extensions, strlen(extensions)}, true, &again));
    WSF_LAW(memcmp(&agreed, &again, sizeof agreed) == 0);
    answer = (struct wsc_answer){.status = 101, .reason = "", .extensions = extensions};
    char reply[1024];
    n = wsc_answer_write(&answer, &request, reply, sizeof reply);
    WSF_LAW(wsc_http_response((const uint8_t *)reply, n, n, &response, NULL) == WSC_HTTP_DONE);
    wsc_response_check(&request, &response, &findings);
    for (size_t i = 0; i < findings.count; i++)
        WSF_LAW(!is_about_deflate(findings.list[i].rule));
    WSF_LAW(wsc_deflate_agreed(&response, &again));
    WSF_LAW(memcmp(&agreed, &again, sizeof agreed) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsf_input input = {data, size};
    uint8_t what = wsf_byte(&input), choice = wsf_byte(&input), cut = wsf_byte(&input);

    if (what % 4 == 1)
        compress_messages(input, choice, cut);
    else if (what % 4 == 2)
        choose(input, choice);
    else
        read_messages(input, choice, cut);
    return 0;
}
