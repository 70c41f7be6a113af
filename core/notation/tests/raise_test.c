/* Bytes become steps in the highest form that gives exactly these; that they do is the law of the
 * fuzz target `raise`. */
#include <check.h>
#include <string.h>
#include <wsn/notation.h>

static const struct {
    const char *name, *bytes;
    size_t len;
    bool client;
    const char *steps;
} rows[] = {
#define ROW(name, client, bytes, steps)                                                            \
    {                                                                                              \
        name, bytes, sizeof bytes - 1, client, steps                                               \
    }
    ROW("nothing", false, "", ""),
    ROW("a text", false, "\x81\x02hi", "  > text \"hi\"\n"),
    ROW("an empty binary", false, "\x82\x00", "  > binary\n"),
    ROW("a masked text", true, "\x81\x82\x01\x02\x03\x04ik", "  > text \"hi\" mask=0x01020304\n"),
    ROW("a key of zeroes", true, "\x89\x80\0\0\0\0", "  > ping mask=zero\n"),
    ROW("a client without a mask", true, "\x8a\x00", "  > pong mask=none\n"),
    ROW("a server with one", false, "\x8a\x80\0\0\0\1", "  > pong mask=0x00000001\n"),
    ROW("reserved bits", false, "\xb1\x00", "  > text rsv=23\n"),
    ROW("bytes that are no text", false, "\x82\x02\x00\xff", "  > binary hex(00 ff)\n"),
    ROW("a message in fragments", false, "\x01\x02he\x00\x02ll\x80\x01o",
        "  > text \"hello\" fragment=2\n"),
    ROW("fragments of other sizes", false,
        "\x01\x01h\x80\x02"
        "el",
        "  > text \"h\" fin=0\n  > cont \"el\"\n"),
    ROW("a ping between fragments", false, "\x01\x01h\x89\x00\x80\x01i",
        "  > text \"h\" fin=0\n  > ping\n  > cont \"i\"\n"),
    ROW("a Close", false,
        "\x88\x05\x03\xe8"
        "bye",
        "  > close 1000 \"bye\"\n"),
    ROW("an empty Close", false, "\x88\x00", "  > close\n"),
    ROW("a Close of one byte", false, "\x88\x01\x03", "  > frame opcode=8 hex(03)\n"),
    ROW("an opcode without a name", false, "\x83\x01x", "  > frame opcode=3 \"x\"\n"),
    ROW("a long form", false, "\x81\x7e\x00\x01x", "  > text \"x\" len=16:1\n"),
    ROW("a payload cut", false, "\x81\x05he", "  > text \"he\" len=7:5\n"),
    ROW("a head cut", false, "\x81\x02hi\x81\x7e\x01", "  > text \"hi\"\n  > raw hex(81 7e 01)\n"),
    ROW("the top bit", false, "\x82\x7f\x80\0\0\0\0\0\0\0",
        "  > binary len=64:9223372036854775808\n"),
#undef ROW
};

START_TEST(row)
{
    struct wsn_buffer out = {0};

    wsn_raise((const uint8_t *)rows[_i].bytes, rows[_i].len, rows[_i].client, &out);
    ck_assert_msg(strcmp(out.p ? out.p : "", rows[_i].steps) == 0, "%s: %s", rows[_i].name, out.p);
    wsn_buffer_drop(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raise");
    TCase *tcase = tcase_create("raise");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, row, 0, (int)(sizeof rows / sizeof *rows));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
