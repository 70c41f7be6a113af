/* What the checker notes beside the vectors: occasions, echoes of codes, the tables of codes. */
#include <stdio.h>
#include <string.h>

#include <wsc/check.h>

#include "main.h"

/* Runs a stream through scan and check. */
static void follow(struct wsc_check *check, const char *bytes, size_t len, struct wsc_findings *f)
{
    static uint8_t copy[4096];
    struct wsc_scan scan = {0};
    struct wsc_piece piece;
    size_t at = 0, used;
    memcpy(copy, bytes, len);
    while (wsc_scan_next(&scan, copy + at, len - at, &used, &piece)) {
        wsc_check_piece(check, &piece, f);
        at += used;
    }
}

#define FOLLOW(check, bytes, f) follow(check, bytes, sizeof bytes - 1, f)

static void expect_occasions(const struct wsc_findings *f, const enum wsc_rule *rules, size_t count)
{
    for (int rule = 1; rule < WSC_RULE_COUNT; rule++) {
        bool wanted = false;
        for (size_t i = 0; i < count; i++)
            wanted = wanted || rules[i] == (enum wsc_rule)rule;
        ck_assert_msg(wsc_findings_had_occasion(f, (enum wsc_rule)rule) == wanted, "%s",
                      wsc_rule_info((enum wsc_rule)rule)->name);
    }
}

START_TEST(a_binary_frame_gives_its_occasions)
{
    static const enum wsc_rule rules[] = {WSC_RULE_FRAME_MASKED, WSC_RULE_FRAME_RSV,
                                          WSC_RULE_FRAME_OPCODE, WSC_RULE_FRAME_LENGTH_FORM,
                                          WSC_RULE_MESSAGE_INTERRUPTED};
    struct wsc_check check;
    struct wsc_findings f = {0};
    wsc_check_init(&check, WSC_SERVER);
    FOLLOW(&check, "\x82\x01\xff", &f);
    ck_assert_uint_eq(f.total, 0);
    expect_occasions(&f, rules, sizeof rules / sizeof *rules);
}
END_TEST

START_TEST(text_and_close_give_theirs)
{
    static const enum wsc_rule rules[] = {
        WSC_RULE_FRAME_UNMASKED,    WSC_RULE_FRAME_RSV,          WSC_RULE_FRAME_OPCODE,
        WSC_RULE_FRAME_LENGTH_FORM, WSC_RULE_TEXT_UTF8,          WSC_RULE_TEXT_CUT,
        WSC_RULE_CONTROL_LENGTH,    WSC_RULE_CLOSE_ONE_BYTE,     WSC_RULE_CONTROL_FRAGMENTED,
        WSC_RULE_CLOSE_1004,        WSC_RULE_CLOSE_1005,         WSC_RULE_CLOSE_1006,
        WSC_RULE_CLOSE_1015,        WSC_RULE_CLOSE_CODE_LOW,     WSC_RULE_CLOSE_CODE_UNDEFINED,
        WSC_RULE_CLOSE_CODE_RANGE,  WSC_RULE_CLOSE_REASON,       WSC_RULE_CLOSE_SECOND,
        WSC_RULE_CLOSE_DATA_AFTER,  WSC_RULE_MESSAGE_INTERRUPTED};
    struct wsc_check check;
    struct wsc_findings f = {0};
    wsc_check_init(&check, WSC_CLIENT);
    FOLLOW(&check, "\x81\x81\0\0\0\0a\x88\x83\0\0\0\0\x03\xe8z", &f);
    ck_assert_uint_eq(f.total, 0);
    ck_assert(check.close_seen);
    expect_occasions(&f, rules, sizeof rules / sizeof *rules);
}
END_TEST

START_TEST(an_empty_close_shows_that_no_code_is_sent)
{
    struct wsc_check check;
    struct wsc_findings f = {0};
    wsc_check_init(&check, WSC_SERVER);
    FOLLOW(&check, "\x88\x00", &f);
    ck_assert_uint_eq(f.total, 0);
    ck_assert(wsc_findings_had_occasion(&f, WSC_RULE_CLOSE_1005));
    ck_assert(!wsc_findings_had_occasion(&f, WSC_RULE_CLOSE_CODE_LOW));
}
END_TEST

static const struct {
    uint16_t code;
    bool exempt; /* when it echoes ours */
} echoes[] = {{0, true},     {5, true},     {999, true},   {1010, true},
              {1016, true},  {2999, true},  {5000, true},  {65535, true},
              {1004, false}, {1005, false}, {1006, false}, {1015, false}};

START_TEST(an_echo_is_exempt_from_ranges)
{
    uint16_t code = echoes[_i].code;
    const char stream[] = {(char)0x88, 2, (char)(code >> 8), (char)(code & 0xff)};
    struct wsc_check check;
    struct wsc_findings f = {0}, own = {0};
    wsc_check_init(&check, WSC_SERVER);
    follow(&check, stream, sizeof stream, &own);
    ck_assert_uint_ne(own.total, 0);
    wsc_check_init(&check, WSC_SERVER);
    check.answered = true;
    check.answered_code = code;
    follow(&check, stream, sizeof stream, &f);
    ck_assert_int_eq(f.total == 0, echoes[_i].exempt);
    if (echoes[_i].exempt)
        ck_assert(!wsc_findings_had_occasion(&f, WSC_RULE_CLOSE_CODE_RANGE));
}
END_TEST

/* An observer goes on: each of three bad messages is noted, the first one sticks. */
START_TEST(it_goes_on_after_a_violation)
{
    struct wsc_check check;
    struct wsc_findings f = {0};
    wsc_check_init(&check, WSC_SERVER);
    FOLLOW(&check, "\x81\x02\xff\xff\xc2\x00\x81\x01\x80\x81\x01z", &f);
    ck_assert_uint_eq(f.total, 3);
    ck_assert_int_eq(f.list[0].rule, WSC_RULE_TEXT_UTF8);
    ck_assert_int_eq(f.list[1].rule, WSC_RULE_FRAME_RSV);
    ck_assert_int_eq(f.list[2].rule, WSC_RULE_TEXT_UTF8);
    ck_assert_uint_eq(f.list[2].at, 8);
    ck_assert_int_eq(check.broken.rule, WSC_RULE_TEXT_UTF8);
    ck_assert_uint_eq(check.broken.at, 2);
}
END_TEST

START_TEST(more_findings_than_fit_are_counted)
{
    struct wsc_check check;
    struct wsc_findings f = {0};
    wsc_check_init(&check, WSC_SERVER);
    for (int i = 0; i < 20; i++)
        FOLLOW(&check, "\xc2\x00", &f);
    ck_assert_uint_eq(f.total, 20);
    ck_assert_uint_eq(f.count, WSC_FINDINGS_MAX);
    f.count = 0;
    FOLLOW(&check, "\xc2\x00", &f);
    ck_assert_uint_eq(f.count, 1);
}
END_TEST

/* What follows a frame lets it be taken in one step: it is judged all the same. */
START_TEST(a_whole_message_is_judged_in_one_step)
{
#define MORE "\x82\x88\0\0\0\0whatever"
    static const struct {
        const char *bytes;
        size_t len;
        enum wsc_rule rule; /* the only one broken */
    } rows[] = {
#define ROW(bytes, rule) {bytes MORE, sizeof bytes MORE - 1, WSC_RULE_##rule}
        ROW("\x81\x80\0\0\0\0", NONE),
        ROW("\x81\x82\0\0\0\0\xc3\xa4", NONE),
        ROW("\x82\xfe\0\x7e\0\0\0\0..............................................................."
            "...............................................................",
            NONE),
        ROW("\x82\xfe\0\x02\0\0\0\0ab", FRAME_LENGTH_FORM),
        ROW("\x81\x02no", FRAME_UNMASKED),
        ROW("\x81\x82\0\0\0\0\xc3(", TEXT_UTF8),
        ROW("\x81\x81\0\0\0\0\xc3", TEXT_CUT),
        ROW("\x01\x80\0\0\0\0", MESSAGE_INTERRUPTED),
        ROW("\x88\x80\0\0\0\0", CLOSE_DATA_AFTER),
        ROW("\xc2\x80\0\0\0\0", FRAME_RSV),
        ROW("\x83\x80\0\0\0\0", FRAME_OPCODE),
#undef ROW
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wsc_check check;
        struct wsc_findings f = {0};
        wsc_check_init(&check, WSC_CLIENT);
        follow(&check, rows[i].bytes, rows[i].len, &f);
        ck_assert_msg(f.total == (rows[i].rule != WSC_RULE_NONE), "row %zu", i);
        ck_assert_msg(f.list[0].rule == rows[i].rule, "row %zu: %s", i,
                      wsc_rule_info(f.list[0].rule)->name);
        ck_assert_msg(wsc_findings_had_occasion(&f, WSC_RULE_FRAME_UNMASKED), "row %zu", i);
    }
#undef MORE
}
END_TEST

START_TEST(codes_that_may_be_sent)
{
    static const uint16_t yes[] = {1000, 1001, 1002, 1003, 1007, 1011,
                                   1014, 3000, 3999, 4000, 4999};
    static const uint16_t no[] = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        ck_assert(wsc_close_code_sendable(yes[i]));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ck_assert(!wsc_close_code_sendable(no[i]));
    ck_assert_uint_eq(wsc_close_code((const uint8_t *)"\x03\xe8", 2), 1000);
    ck_assert_uint_eq(wsc_close_code((const uint8_t *)"\x03", 1), 0);
    ck_assert_uint_eq(wsc_close_code(NULL, 0), 0);
}
END_TEST

/* Each rule names a row of the catalogue, and no two rules share a name. */
START_TEST(rule_is_in_the_catalogue)
{
    const struct wsc_rule_info *info = wsc_rule_info((enum wsc_rule)_i);
    FILE *in = fopen(WSPROOF_SOURCE_DIR "/corpus/requirements.tsv", "r");
    ck_assert_ptr_nonnull(in);
    char line[8192];
    size_t n = strlen(info->requirement);
    bool found = false;
    while (!found && fgets(line, sizeof line, in) != NULL)
        found = strncmp(line, info->requirement, n) == 0 && line[n] == '\t' &&
                strstr(line, "\tDUP\t") == NULL && strstr(line, "\tNA\t") == NULL;
    fclose(in);
    ck_assert_msg(found, "%s: %s", info->name, info->requirement);
    for (int other = 1; other < _i; other++)
        ck_assert_str_ne(wsc_rule_info((enum wsc_rule)other)->name, info->name);
    ck_assert_int_ne(info->sentence[strlen(info->sentence) - 1], '.');
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check");
    TCase *tcase = add_tcase(suite, "check");
    tcase_add_test(tcase, a_binary_frame_gives_its_occasions);
    tcase_add_test(tcase, text_and_close_give_theirs);
    tcase_add_test(tcase, an_empty_close_shows_that_no_code_is_sent);
    tcase_add_loop_test(tcase, an_echo_is_exempt_from_ranges, 0,
                        (int)(sizeof echoes / sizeof *echoes));
    tcase_add_test(tcase, it_goes_on_after_a_violation);
    tcase_add_test(tcase, more_findings_than_fit_are_counted);
    tcase_add_test(tcase, a_whole_message_is_judged_in_one_step);
    tcase_add_test(tcase, codes_that_may_be_sent);
    tcase_add_loop_test(tcase, rule_is_in_the_catalogue, 1, WSC_RULE_COUNT);
    return run_suite(suite);
}
