#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wso/oracle.h>

/* What the oracle says, as text: a letter an event. */
struct said {
    char text[64];
    unsigned code;
    uint64_t at;
};

static void see(void *context, const struct wso_event *event)
{
    struct said *said = context;
    size_t n = strlen(said->text);

    if (n + 1 < sizeof said->text)
        said->text[n] = "tbqacX"[event->kind];
    said->code = event->code;
    said->at = event->at;
}

static const struct {
    const char *name, *bytes;
    size_t len;
    const char *said;
    unsigned code;
    uint64_t at;
} streams[] = {
#define STREAM(name, bytes, said, code, at)                                                        \
    {                                                                                              \
        name, bytes, sizeof bytes - 1, said, code, at                                              \
    }
    STREAM("nothing", "", "", 0, 0),
    STREAM("a text", "\x81\x02hi", "t", 0, 0),
    STREAM("a cut head", "\x81", "", 0, 0),
    STREAM("a cut payload", "\x81\x02h", "", 0, 0),
    STREAM("a ping between fragments",
           "\x02\x01"
           "a\x89\x00\x80\x01"
           "b",
           "qb", 0, 0),
    STREAM("a masked server frame", "\x81\x80\x00\x00\x00\x00", "X", 1002, 1),
    STREAM("a reserved bit", "\xc1\x00", "X", 1002, 0),
    STREAM("an undefined opcode", "\x8a\x00\x83\x00", "aX", 1002, 2),
    STREAM("a stray continuation", "\x80\x00", "X", 1002, 0),
    STREAM("an interrupted message", "\x01\x00\x81\x00", "X", 1002, 2),
    STREAM("a long ping", "\x89\x7e\x00\x7e", "X", 1002, 1),
    STREAM("a fragmented ping", "\x09\x00", "X", 1002, 0),
    STREAM("the top bit of a length", "\x82\x7f\x80\0\0\0\0\0\0\0", "X", 1002, 2),
    STREAM("bad UTF-8 in a fragment", "\x01\x01\xce\x00\x02z\xba", "X", 1007, 5),
    STREAM("a text that ends early", "\x01\x01\xce\x80\x00", "X", 1007, 3),
    STREAM("a surrogate, seen at once", "\x01\x02\xed\xa0", "X", 1007, 3),
    STREAM("above the last code point", "\x01\x02\xf4\x90", "X", 1007, 3),
    STREAM("an overlong form", "\x01\x01\xc0", "X", 1007, 2),
    STREAM("a Close", "\x88\x02\x03\xe8\x81\x00", "c", 1000, 0),
    STREAM("an empty Close", "\x88\x00", "c", 0, 0),
    STREAM("a Close of one byte", "\x88\x01\x03", "X", 1002, 2),
    STREAM("a Close with 1005", "\x88\x02\x03\xed", "X", 1002, 2),
    STREAM("a Close with 5000", "\x88\x02\x13\x88", "X", 1002, 2),
    STREAM("a Close with a bad reason", "\x88\x03\x03\xe8\xff", "X", 1007, 4),
#undef STREAM
};

START_TEST(stream)
{
    struct said said = {0};
    uint8_t scratch[64];

    wso_frames(&(struct wso_stream){.data = (const uint8_t *)streams[_i].bytes,
                                    .len = streams[_i].len,
                                    .scratch = scratch},
               see, &said);
    ck_assert_msg(strcmp(said.text, streams[_i].said) == 0, "%s: said %s", streams[_i].name,
                  said.text);
    ck_assert_msg(said.code == streams[_i].code, "%s: code %u", streams[_i].name, said.code);
    ck_assert_msg(said.at == streams[_i].at, "%s: at %u", streams[_i].name, (unsigned)said.at);
}
END_TEST

/* Every code point there is: its shortest form is valid but for surrogates. */
START_TEST(every_code_point)
{
    for (uint32_t point = 0x800; point <= 0x11FFFF; point++) {
        uint8_t four[4] = {(uint8_t)(0xf0 | point >> 18), (uint8_t)(0x80 | (point >> 12 & 63)),
                           (uint8_t)(0x80 | (point >> 6 & 63)), (uint8_t)(0x80 | (point & 63))};
        uint8_t three[3] = {(uint8_t)(0xe0 | point >> 12), four[2], four[3]};
        size_t size = point < 0x10000 ? 3 : 4;
        bool whole, valid = point <= 0x10FFFF && !(point >= 0xD800 && point <= 0xDFFF);
        size_t good = wso_utf8(size == 3 ? three : four, size, &whole);

        /* Check writes down every assertion: a million of them take longer than the test. */
        if ((good == size && whole) != valid)
            ck_abort_msg("U+%X", (unsigned)point);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle");
    TCase *tcase = tcase_create("oracle");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, stream, 0, (int)(sizeof streams / sizeof *streams));
    tcase_add_test(tcase, every_code_point);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
