/* UTF-8 validation against a slow reader that knows only what RFC 3629 defines: ranges of code
 * points. */
#include <string.h>

#include <wsc/utf8.h>

#include "feed.h"
#include "main.h"

/* Can these `n` bytes be the beginning of a character of `size` bytes?  The values that it may
 * still take are an interval; one of them must be a character that needs that many bytes. */
static bool may_begin(const uint8_t *p, size_t n, size_t size)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t low = p[0] & mask[size];
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return false;
        low = low << 6 | (p[i] & 0x3f);
    }
    unsigned open = (unsigned)(6 * (size - n));
    uint32_t high = (low << open) | ((1u << open) - 1);
    low <<= open;
    if (low < least[size])
        low = least[size];
    if (high > 0x10FFFF)
        high = 0x10FFFF;
    if (low >= 0xD800 && low <= 0xDFFF)
        low = 0xE000;
    return low <= high;
}

static size_t size_of(uint8_t lead)
{
    return lead < 0x80             ? 1
           : (lead & 0xE0) == 0xC0 ? 2
           : (lead & 0xF0) == 0xE0 ? 3
           : (lead & 0xF8) == 0xF0 ? 4
                                   : 0;
}

/* How many bytes are good, and whether the text may end there. */
static size_t reference(const uint8_t *p, size_t len, bool *complete)
{
    size_t at = 0;
    *complete = true;
    while (at < len) {
        size_t size = size_of(p[at]), n = 0;
        while (size != 0 && n < size && at + n < len && may_begin(p + at, n + 1, size))
            n++;
        if (size == 0 || n < size) {
            *complete = false;
            return at + n;
        }
        at += n;
    }
    return at;
}

static bool agrees(const uint8_t *bytes, size_t len, size_t cut, size_t good, bool complete)
{
    struct wsc_utf8 utf8 = {0};
    size_t n = wsc_utf8_feed(&utf8, bytes, cut);
    if (n == cut)
        n += wsc_utf8_feed(&utf8, bytes + cut, len - cut);
    return n == good && wsc_utf8_complete(&utf8) == complete;
}

/* Cut in two at every place from `from` on.  Check's own assertions are too slow for so many. */
static void compare(const uint8_t *bytes, size_t len, size_t from)
{
    bool complete;
    size_t good = reference(bytes, len, &complete);
    for (size_t cut = from; cut <= len; cut++)
        if (!agrees(bytes, len, cut, good, complete))
            ck_abort_msg("%02x %02x %02x %02x cut at %zu", bytes[from], bytes[from + 1],
                         bytes[from + 2], bytes[from + 3], cut);
}

static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0, 0xf4};
enum { EDGES = sizeof edges };

/* Every lead byte (the loop) with every second byte and the edges behind; with the edges alone also
 * deep inside ASCII. */
START_TEST(all_forms)
{
    uint8_t text[24];
    memset(text, 'a', sizeof text);
    for (unsigned second = 0; second < 256; second++)
        for (size_t i = 0; i < EDGES * EDGES; i++) {
            const uint8_t form[] = {(uint8_t)_i, (uint8_t)second, edges[i / EDGES],
                                    edges[i % EDGES]};
            compare(form, 4, 0);
            memcpy(text + 17, form, 4);
            if (second % 16 == 0 || second % 16 == 15)
                compare(text, sizeof text, 17);
        }
}
END_TEST

static void expect_valid(const uint8_t *bytes, size_t len, bool valid)
{
    if (wsc_utf8_valid(bytes, len) != valid)
        ck_abort_msg("%02x %02x %02x, %zu bytes", bytes[0], bytes[1], bytes[2], len);
}

START_TEST(every_code_point)
{
    for (uint32_t c = (uint32_t)_i << 16; c < (uint32_t)(_i + 1) << 16; c++) {
        uint8_t p[4] = {(uint8_t)(0xF0 | c >> 18), (uint8_t)(0x80 | (c >> 12 & 0x3f)),
                        (uint8_t)(0x80 | (c >> 6 & 0x3f)), (uint8_t)(0x80 | (c & 0x3f))};
        const uint8_t three[] = {(uint8_t)(0xE0 | c >> 12), p[2], p[3]};
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        expect_valid(p, 4, c >= 0x10000 && c <= 0x10FFFF);
        if (c < 0x10000)
            expect_valid(three, 3, c >= 0x800 && !surrogate);
    }
}
END_TEST

static const struct {
    const char *text;
    size_t len;
    bool valid;
} texts[] = {
#define TEXT(s, valid)                                                                             \
    {                                                                                              \
        s, sizeof s - 1, valid                                                                     \
    }
    TEXT("", true),
    TEXT("Hello-\xc2\xb5@\xc3\x9f\xc3\xb6\xc3\xa4\xc3\xbc\xc3\xa0\xc3\xa1-UTF-8!!", true),
    TEXT("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", true),
    TEXT("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80"
         "edited",
         false),
    TEXT("\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xf4\x90\x80\x80"
         "edited",
         false),
    TEXT("\xef\xbb\xbf", true),
    TEXT("\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\xbf\xbe\xf4\x8f\xbf\xbf", true),
    TEXT("a\0b", true),
    TEXT("\x7f\xdf\xbf\xef\xbf\xbf\xf4\x8f\xbf\xbf", true),
    TEXT("\x80", false),
    TEXT("\xbf\x80\xbf", false),
    TEXT("\xc0 \xc1 ", false),
    TEXT("\xc0\xaf", false),
    TEXT("\xe0\x80\xaf", false),
    TEXT("\xf0\x80\x80\xaf", false),
    TEXT("\xf8\x80\x80\x80\xaf", false),
    TEXT("\xfc\x80\x80\x80\x80\xaf", false),
    TEXT("\xc1\xbf", false),
    TEXT("\xe0\x9f\xbf", false),
    TEXT("\xf0\x8f\xbf\xbf", false),
    TEXT("\xf7\xbf\xbf\xbf", false),
    TEXT("\xed\xad\xbf\xed\xb0\x80", false),
    TEXT("\xfe", false),
    TEXT("\xff\xff", false),
    TEXT("a long run of ASCII that takes the fast way \xe2\x82", false),
    TEXT("a long run of ASCII that takes the fast way \xe2\x82\xac and goes on", true),
#undef TEXT
};

struct run {
    struct wsc_utf8 utf8;
    size_t good, seen;
    size_t expected;
    bool complete;
};

static void begin(void *context)
{
    struct run *run = context;
    run->utf8 = (struct wsc_utf8){0};
    run->good = run->seen = 0;
}

static void piece(void *context, uint8_t *bytes, size_t len)
{
    struct run *run = context;
    size_t n = wsc_utf8_feed(&run->utf8, bytes, len);
    if (run->good == run->seen)
        run->good += n;
    else
        ck_assert_uint_eq(n, 0);
    run->seen += len;
}

static void end(void *context, const char *how)
{
    const struct run *run = context;
    ck_assert_msg(run->good == run->expected, "%zu good, not %zu (%s)", run->good, run->expected,
                  how);
    ck_assert_int_eq(run->good == run->seen && wsc_utf8_complete(&run->utf8), run->complete);
}

START_TEST(text)
{
    const uint8_t *bytes = (const uint8_t *)texts[_i].text;
    struct run run = {.good = 0};
    run.expected = reference(bytes, texts[_i].len, &run.complete);
    struct feed f = {begin, piece, end, &run};
    feed(&f, bytes, texts[_i].len);
    ck_assert_int_eq(wsc_utf8_valid(bytes, texts[_i].len), texts[_i].valid);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tcase = add_tcase(suite, "utf8");
    tcase_add_loop_test(tcase, all_forms, 0, 256);
    tcase_add_loop_test(tcase, every_code_point, 0, 32);
    tcase_add_loop_test(tcase, text, 0, (int)(sizeof texts / sizeof *texts));
    return run_suite(suite);
}
