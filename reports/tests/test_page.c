/* What the page says of small runs: the answer on its first screen, where a conversation left its
 * script, the fields of a frame, which requirements count as kept. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsr/report.h>

#include "wsq_sample.h"

static char *copy(const char *s)
{
    return s ? wsq_dup(s) : NULL;
}

static struct wsq_case case_of(const char *id, enum wsq_verdict verdict, const char *cite)
{
    struct wsq_case c = {.id = copy(id), .title = copy("a title"), .verdict = verdict, .ms = 1};

    c.suite = copy("suite");
    c.reason = verdict == WSQ_PASS ? NULL : copy("a reason");
    if (cite) {
        c.cites = calloc(1, sizeof *c.cites);
        c.cites[0] = copy(cite);
        c.cite_count = 1;
    }
    return c;
}

static void charge(struct wsq_case *c, struct wsq_fault fault)
{
    c->faults = calloc(1, sizeof *c->faults);
    c->faults[0] = (struct wsq_fault){.requirement = copy(fault.requirement),
                                      .verdict = fault.verdict,
                                      .seen = fault.seen,
                                      .line = fault.line,
                                      .step = copy(fault.step),
                                      .saw = copy(fault.saw)};
    c->fault_count = 1;
}

/* Takes the case over. */
static char *page_of(struct wsq_run run, struct wsq_case *c)
{
    char *text;

    if (c)
        ck_assert(wsq_run_add(&run, c));
    text = wsr_format("html")->write(&run, NULL);
    ck_assert_ptr_nonnull(text);
    wsq_run_drop(&run);
    return text;
}

static void says(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text), "the page does not say: %s", text);
}

/* ---- the first screen ---- */

static const struct {
    enum wsq_verdict verdict;
    bool unexpected, complete;
    const char *expectation, *answer, *why, *now;
} answers[] = {
    {WSQ_PASS, false, true, NULL, "Yes", "Nothing is unexpected in 1 judged case.",
     "In a CI job it stays so."},
    {WSQ_INFO, false, true, NULL, "Yes", "in 1 judged case.", "In a CI job it stays so."},
    {WSQ_WARN, false, true, NULL, "Yes", "1 warning does not keep it back.",
     "would mind the warnings"},
    {WSQ_FAIL, false, true, "fail  # known", "Yes", "1 fault is agreed to.",
     "Nothing has to be done."},
    {WSQ_FAIL, true, true, NULL, "No", "1 case went wrong that nobody agreed to.", "Begin with"},
    {WSQ_WARN, true, true, NULL, "No", "1 case went wrong that nobody agreed to.", "Begin with"},
    {WSQ_ERROR, true, true, NULL, "No", "1 case could not be judged.", "Begin with"},
    {WSQ_PASS, true, true, "fail  # known", "No", "1 case is better than agreed.",
     "Take the lines out of the expectations"},
    {WSQ_PASS, false, false, NULL, "No", "The run did not reach its end: killed.",
     "See why the run ended"},
    {WSQ_SKIP, false, true, NULL, "No", "No case was judged.", "tells why each was skipped"},
};

START_TEST(the_first_screen_answers)
{
    struct wsq_case c = case_of("a/b", answers[_i].verdict, "6455-5.1-3");
    struct wsq_run run = {.complete = answers[_i].complete, .incomplete = copy("killed")};
    char answer[40] = "May it ship? <strong>", *page;

    c.unexpected = answers[_i].unexpected;
    c.expectation = copy(answers[_i].expectation);
    page = page_of(run, &c);
    says(page, strcat(answer, answers[_i].answer));
    says(page, answers[_i].why);
    says(page, answers[_i].now);
    free(page);
}
END_TEST

START_TEST(a_run_of_nothing_does_not_ship)
{
    char *page = page_of((struct wsq_run){.complete = false}, NULL);

    says(page, "May it ship? <strong>No");
    says(page, "Nothing was judged.");
    free(page);
}
END_TEST

/* ---- where the conversation left the script ---- */

static const struct {
    const char *transcript;
    bool seen;
    const char *saw, *mark; /* NULL: none */
} departures[] = {
    {"  > GET\n  < 101\n", true, "101 Switching Protocols",
     "<span class=\"peer\">  &lt; 101</span>"},
    {"  > GET\n  < 101\n  bob< 101\n", true, "101 OK", "<span class=\"peer\">  bob&lt; 101</span>"},
    {"  > GET\n  < 1010\n", true, "101 Switching Protocols", NULL},
    {"  > GET\n  < eof  # RST\n", true, "the end of the connection (RST)",
     "<span class=\"peer\">  &lt; eof  # RST</span>"},
    {"  < ping\n  # < pong \"x\"\n  > fin\n", true, "pong \"x\"",
     "<span class=\"note\">  # &lt; pong &quot;x&quot;</span>"},
    {"  < text \"a\"\n  < text \"b\"\n  < eof\n", true, "text \"b\"",
     "<span class=\"peer\">  &lt; text &quot;b&quot;</span>"},
    {"  > text \"101\"\n", true, "101 Switching Protocols", NULL},
    {"  > text\n", true, "", NULL},
    {"  > text\n  < 101", true, "101", "<span class=\"peer\">  &lt; 101</span>"},
    {"  > text\n  < ", true, "101", NULL},
    {"", true, "101", NULL},
    {"  > ping\n", false, "nothing within 2000 ms",
     "  <span class=\"note\"># nothing within 2000 ms</span>"},
};

START_TEST(the_departure_is_marked)
{
    struct wsq_case c = case_of("a/b", WSQ_FAIL, NULL);
    char expected[200] = "", *page;

    charge(&c, (struct wsq_fault){.verdict = WSQ_FAIL,
                                  .seen = departures[_i].seen,
                                  .saw = (char *)(uintptr_t)departures[_i].saw});
    c.transcript = copy(departures[_i].transcript);
    page = page_of((struct wsq_run){.complete = true}, &c);
    if (departures[_i].mark) {
        strcat(strcat(strcat(expected, "<mark>"), departures[_i].mark), "</mark>\n");
        says(page, expected);
    } else {
        ck_assert_ptr_null(strstr(page, "<mark>"));
    }
    free(page);
}
END_TEST

/* ---- bytes ---- */

#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t kept;
    uint64_t length;
    const char *what, *says[4];
} chunks[] = {
    {BYTES("\x81\x02hi"),
     4,
     "text",
     {"FIN     1, the last", "opcode  1, text", "MASK    0, not masked",
      "68 69                    hi        <span class=\"note\">payload</span>"}},
    {BYTES("\x02\x80\x01\x02\x03\x04"),
     6,
     "frame",
     {"FIN     0, more", "opcode  2, binary", "MASK    1, masked",
      "01 02 03 04                         masking key"}},
    {BYTES("\xC1\x81\xff\xff\xff\xff\x9e"),
     7,
     "frame",
     {"RSV1: compressed", "<span class=\"bits\">61 ", "payload, and unmasked", " a "}},
    {BYTES("\xB3\x00"), 2, "frame", {"set, and no extension", "opcode  3, reserved\n"}},
    {BYTES("\x8F\x00"), 2, "frame", {"opcode  15, reserved, control"}},
    {BYTES("\x88\x02\x03\xEA"), 4, "close", {"code 1002", "protocol error"}},
    {BYTES("\x88\x03\x27\x0Fx"), 5, "close", {"code 9999", "not used", "reason"}},
    {BYTES("\x88\x01x"), 3, "close", {"payload"}},
    {BYTES("\x82\x7E\x00\x7E"
           "abc"),
     130,
     "binary",
     {"length  126: in the next 2 bytes", "length  126\n", "61 62 63", "not kept"}},
    {BYTES("\x82\x7F\x00\x00\x00\x00\x00\x01\x00\x00z"),
     65546,
     "binary",
     {"length  127: in the next 8 bytes", "length  65536\n", "7a "}},
    /* a length that is not true, a header that is cut, no frame at all: plain hex */
    {BYTES("\x82\x7F\xff\xff\xff\xff\xff\xff\xff\xffz"),
     11,
     "frame",
     {"000000  82 7f ff ff ff ff ff ff ff ff 7a"}},
    {BYTES("\x81"), 1, "raw", {"000000  81 "}},
    {BYTES("\x81\x05hi"), 4, "raw", {"000000  81 05 68 69 "}},
    {BYTES("GET / HTTP/1.1\r\nX: \x01\xff\n\r\n"),
     24,
     "request",
     {"GET / HTTP/1.1<span class=\"note\">\\r\\n</span>\n",
      "X: \\x01\\xff<span class=\"note\">\\n</span>\n<span class=\"note\">\\r\\n</span>\n"}},
    {BYTES("HTTP/1.1 2"), 10, "response", {">HTTP/1.1 2</pre>"}},
};

START_TEST(bytes_are_explained)
{
    struct wsq_case c = case_of("a/b", WSQ_FAIL, NULL);
    char *page;

    c.wire = calloc(1, sizeof *c.wire);
    c.wire_count = 1;
    c.wire[0] =
        (struct wsq_wire){.bytes = malloc(chunks[_i].kept), /* no more: ASan sees a step over */
                          .kept = chunks[_i].kept,
                          .length = chunks[_i].length,
                          .what = copy(chunks[_i].what)};
    memcpy(c.wire[0].bytes, chunks[_i].bytes, chunks[_i].kept);
    page = page_of((struct wsq_run){.complete = true}, &c);
    for (int i = 0; i < 4 && chunks[_i].says[i]; i++)
        says(page, chunks[_i].says[i]);
    free(page);
}
END_TEST

/* ---- requirements ---- */

static const struct {
    enum wsq_verdict verdict;
    const char *charged;
    enum wsq_verdict fault;
    const char *state; /* of 6455-5.1-3, which the case cites */
} standings[] = {
    {WSQ_PASS, NULL, WSQ_PASS, "<span class=\"badge pass\">kept</span>"},
    {WSQ_FAIL, "6455-5.1-3", WSQ_FAIL, "<span class=\"badge fail\">broken</span>"},
    {WSQ_WARN, "6455-5.1-3", WSQ_WARN, "<span class=\"badge warn\">warned</span>"},
    /* it failed by another requirement: this one was hardly reached */
    {WSQ_FAIL, "6455-5.1-1", WSQ_FAIL, "<span class=\"badge skip\">not judged</span>"},
    {WSQ_SKIP, NULL, WSQ_PASS, "<span class=\"badge skip\">not judged</span>"},
    {WSQ_FLAKY, NULL, WSQ_PASS, "<span class=\"badge skip\">not judged</span>"},
};

START_TEST(a_requirement_is_kept_only_by_a_case_that_passed)
{
    struct wsq_case c = case_of("a/b", standings[_i].verdict, "6455-5.1-3");
    struct wsq_case other =
        case_of("a/c", WSQ_PASS, "6455-5.2-1"); /* else the section is left out */
    struct wsq_run run = {.complete = true};
    const char *row = wsq_requirement("6455-5.1-3")->statement, *said, *item;
    char *page;

    if (standings[_i].charged)
        charge(&c, (struct wsq_fault){.requirement = (char *)(uintptr_t)standings[_i].charged,
                                      .verdict = standings[_i].fault});
    ck_assert(wsq_run_add(&run, &other));
    page = page_of(run, &c);
    item = strstr(page, "data-section=\"6455-5.1\"");
    ck_assert_ptr_nonnull(item);
    said = strstr(item, row);
    ck_assert_ptr_nonnull(said);
    while (strncmp(item = said - 1, "<li>", 4) != 0)
        said = item;
    ck_assert_msg(strncmp(item + 4, standings[_i].state, strlen(standings[_i].state)) == 0, "%.60s",
                  item);
    free(page);
}
END_TEST

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

int main(void)
{
    Suite *suite = suite_create("page");
    TCase *page = tcase_create("page");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(page, the_first_screen_answers, 0, ROWS(answers));
    tcase_add_test(page, a_run_of_nothing_does_not_ship);
    tcase_add_loop_test(page, the_departure_is_marked, 0, ROWS(departures));
    tcase_add_loop_test(page, bytes_are_explained, 0, ROWS(chunks));
    tcase_add_loop_test(page, a_requirement_is_kept_only_by_a_case_that_passed, 0, ROWS(standings));
    suite_add_tcase(suite, page);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
