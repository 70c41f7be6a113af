/* Every implementation of masking, UTF-8 validation and the lines of heads gives the answers of the
 * plain one. */
#include <string.h>

#include <wsc/http.h>
#include <wsc/mask.h>
#include <wsc/scan.h>
#include <wsc/simd.h>
#include <wsc/utf8.h>

#include "feed.h"
#include "main.h"

enum { LONGEST = 400, TEXTS = 3000 };

static uint32_t seed;

static uint32_t next(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void expect_masked(size_t len, size_t phase, uint8_t limit)
{
    static const uint8_t key[4] = {0x01, 0x92, 0xf3, 0x44};
    static uint8_t plain[LONGEST * 4], masked[LONGEST * 4];
    bool ascii = true;
    for (size_t i = 0; i < len; i++) {
        plain[i] = (uint8_t)(next() & limit);
        ascii = ascii && plain[i] < 0x80;
        masked[i] = plain[i] ^ key[(phase + i) & 3];
    }
    uint8_t *data = guarded(masked, len);
    bool said = wsc_mask(data, len, key, phase);
    ck_assert_msg(memcmp(data, plain, len) == 0, "%zu bytes from %zu", len, phase);
    ck_assert_msg(said == ascii, "%zu bytes from %zu: ASCII %d", len, phase, said);
}

START_TEST(masks_alike)
{
    if (!wsc_simd_force((enum wsc_simd)_i))
        return;
    for (size_t len = 0; len <= LONGEST; len++)
        for (size_t phase = 0; phase < 5; phase++) {
            expect_masked(len, phase, 0x7f);
            expect_masked(len, phase, 0xff);
        }
    for (size_t len = 1000; len <= 1100; len++)
        expect_masked(len, len, 0x7f);
}
END_TEST

/* One byte that is not ASCII is seen wherever it stands. */
START_TEST(sees_each_byte)
{
    static const uint8_t key[4] = {0};
    uint8_t text[LONGEST];
    if (!wsc_simd_force((enum wsc_simd)_i))
        return;
    memset(text, 'a', sizeof text);
    for (size_t len = 1; len <= LONGEST; len += len < 140 ? 1 : 61)
        for (size_t at = 0; at < len; at++) {
            uint8_t *data = guarded(text, len);
            data[at] = 0x80;
            ck_assert_msg(!wsc_mask(data, len, key, 0), "byte %zu of %zu", at, len);
        }
}
END_TEST

/* Text of characters of all sizes; `ascii` in 256 of them are ASCII. */
static size_t make_text(uint8_t *out, size_t len, unsigned ascii)
{
    static const char *const characters[] = {
        "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xea\xb0\x80", "\xf1\x80\x80\x80"};
    size_t n = 0;
    while (n < len) {
        const char *c = characters[next() % (sizeof characters / sizeof *characters)];
        size_t size = strlen(c);
        if (next() % 256 < ascii || size > len - n) {
            out[n++] = (uint8_t)(next() & 0x7f);
        } else {
            memcpy(out + n, c, size);
            n += size;
        }
    }
    return n;
}

static size_t count_good(enum wsc_simd simd, const uint8_t *bytes, size_t len, size_t cut,
                         bool *complete)
{
    struct wsc_utf8 utf8 = {0};
    if (!wsc_simd_force(simd))
        ck_abort_msg("%s cannot be forced", wsc_simd_name(simd));
    size_t good = wsc_utf8_feed(&utf8, bytes, cut);
    if (good == cut)
        good += wsc_utf8_feed(&utf8, bytes + cut, len - cut);
    *complete = wsc_utf8_complete(&utf8);
    return good;
}

/* Cut in two anywhere.  Check's own assertions are too slow for so many. */
static void expect_same(enum wsc_simd simd, const uint8_t *bytes, size_t len)
{
    bool complete, wanted;
    size_t cut = len != 0 ? next() % len : 0;
    size_t good = count_good(WSC_SIMD_SCALAR, bytes, len, cut, &wanted);
    size_t n = count_good(simd, bytes, len, cut, &complete);
    if (n != good || complete != wanted)
        ck_abort_msg("%zu bytes cut at %zu: %zu good, not %zu", len, cut, n, good);
}

START_TEST(validates_alike)
{
    enum wsc_simd simd = (enum wsc_simd)_i;
    uint8_t text[LONGEST];
    if (!wsc_simd_available(simd))
        return;
    seed = 7;
    for (unsigned i = 0; i < TEXTS; i++) {
        size_t len = make_text(text, next() % LONGEST, i % 4 * 84u);
        expect_same(simd, guarded(text, len), len);
        for (int faults = 0; faults < 3 && len != 0; faults++) {
            text[next() % len] = (uint8_t)next();
            expect_same(simd, guarded(text, len), len);
        }
        expect_same(simd, guarded(text, len - len % 7), len - len % 7);
    }
}
END_TEST

/* Every pair of bytes, behind a lead of each size, across every place where vectors meet. */
START_TEST(validates_pairs_alike)
{
    static const uint8_t before[] = {'a', 0xc2, 0xe1, 0xf1, 0x80};
    enum wsc_simd simd = (enum wsc_simd)_i;
    if (!wsc_simd_available(simd))
        return;
    for (unsigned pair = 0; pair < 65536; pair++) {
        uint8_t text[100];
        size_t at = 13 + pair % 70;
        memset(text, 'a', sizeof text);
        text[at] = before[pair % sizeof before];
        text[at + 1] = (uint8_t)(pair >> 8);
        text[at + 2] = (uint8_t)pair;
        memset(text + at + 3, 0x80, pair % 3);
        expect_same(simd, text, sizeof text);
    }
}
END_TEST

/* What is said of a head. */
struct reading {
    enum wsc_http result;
    struct wsc_head head;
    struct wsc_findings findings;
};

static void read_head(enum wsc_simd simd, const uint8_t *bytes, size_t len, struct reading *reading)
{
    wsc_simd_force(simd);
    reading->findings = (struct wsc_findings){.count = 0};
    reading->result = wsc_http_request(bytes, len, 8192, &reading->head, &reading->findings);
}

static bool same_text(struct wsc_text a, struct wsc_text b)
{
    return a.p == b.p && a.n == b.n;
}

static bool same_reading(const struct reading *a, const struct reading *b)
{
    bool same = a->result == b->result && a->head.count == b->head.count &&
                a->head.length == b->head.length && a->findings.total == b->findings.total &&
                a->findings.list[0].rule == b->findings.list[0].rule &&
                a->findings.list[0].at == b->findings.list[0].at;
    for (size_t i = 0; same && i < a->head.count; i++)
        same = same_text(a->head.headers[i].name, b->head.headers[i].name) &&
               same_text(a->head.headers[i].value, b->head.headers[i].value);
    return same;
}

/* Every byte in every place of a head, and every length of it. */
START_TEST(reads_heads_alike)
{
    static const char text[] =
        "GET /chat HTTP/1.1\r\nHost: server.example.com\r\n"
        "X-Trace_1: a value of more than 64 characters, so that one window "
        "is not enough for it\tand a tab\r\nUpgrade-Insecure-Requests: 1\r\n\r\n";
    static struct reading wanted, other;
    enum wsc_simd simd = (enum wsc_simd)_i;
    uint8_t *bytes = guarded((const uint8_t *)text, sizeof text - 1);
    if (!wsc_simd_available(simd))
        return;
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            bytes[at] = (uint8_t)byte;
            read_head(WSC_SIMD_SCALAR, bytes, sizeof text - 1, &wanted);
            read_head(simd, bytes, sizeof text - 1, &other);
            ck_assert_msg(same_reading(&wanted, &other), "byte %u at %zu", byte, at);
        }
        bytes[at] = (uint8_t)text[at];
    }
    for (size_t len = 0; len < sizeof text; len++) {
        bytes = guarded((const uint8_t *)text, len);
        read_head(simd, bytes, len, &other);
        ck_assert_int_eq(other.result, len + 1 < sizeof text ? WSC_HTTP_MORE : WSC_HTTP_DONE);
    }
}
END_TEST

START_TEST(chooses_the_best)
{
    enum wsc_simd first = wsc_simd_chosen();
    for (unsigned simd = first + 1; simd < WSC_SIMD_COUNT; simd++)
        ck_assert(!wsc_simd_available((enum wsc_simd)simd));
    for (unsigned simd = 0; simd < WSC_SIMD_COUNT; simd++) {
        ck_assert_ptr_nonnull(wsc_simd_name((enum wsc_simd)simd));
        bool forced = wsc_simd_force((enum wsc_simd)simd);
        ck_assert_int_eq(forced, wsc_simd_available((enum wsc_simd)simd));
        if (forced)
            ck_assert_int_eq(wsc_simd_chosen(), (enum wsc_simd)simd);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("simd");
    TCase *tcase = add_tcase(suite, "simd");
    tcase_add_test(tcase, chooses_the_best);
    tcase_add_loop_test(tcase, masks_alike, 0, WSC_SIMD_COUNT);
    tcase_add_loop_test(tcase, sees_each_byte, 0, WSC_SIMD_COUNT);
    tcase_add_loop_test(tcase, validates_alike, 0, WSC_SIMD_COUNT);
    tcase_add_loop_test(tcase, validates_pairs_alike, 0, WSC_SIMD_COUNT);
    tcase_add_loop_test(tcase, reads_heads_alike, 0, WSC_SIMD_COUNT);
    return run_suite(suite);
}
