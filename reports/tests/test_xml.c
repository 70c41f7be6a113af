#include <check.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>
#include <string.h>
#include <wsr/report.h>

#include "wsq_sample.h"

/* ---- reading with libxml2 ---- */

static xmlDocPtr parse(const char *format, const struct wsq_run *run)
{
    size_t length;
    char *text = wsr_format(format)->write(run, &length);
    xmlDocPtr document;

    ck_assert_ptr_nonnull(text);
    ck_assert_uint_lt(length, INT_MAX);
    document = xmlReadMemory(text, (int)length, format, "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE);
    ck_assert_msg(document, "%s is not well-formed", format);
    free(text);
    return document;
}

static double number(xmlDocPtr document, const char *expression)
{
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr result;
    double value;

    xmlXPathRegisterNs(context, BAD_CAST "h", BAD_CAST "http://www.w3.org/1999/xhtml");
    result = xmlXPathEvalExpression((const xmlChar *)expression, context);
    ck_assert_msg(result, "bad expression: %s", expression);
    value = xmlXPathCastToNumber(result);
    xmlXPathFreeObject(result);
    xmlXPathFreeContext(context);
    return value;
}

struct expression {
    const char *path;
    double value;
};

static void check_expression(const char *format, const struct expression *expression)
{
    struct wsq_run run;
    xmlDocPtr document;

    wsq_sample_run(&run);
    document = parse(format, &run);
    ck_assert_msg(number(document, expression->path) == expression->value, "%s is %g, not %g",
                  expression->path, number(document, expression->path), expression->value);
    xmlFreeDoc(document);
    wsq_run_drop(&run);
}

static const char *const formats[] = {"junit", "html"};

static struct wsq_run run_of_megabytes(void)
{
    struct wsq_run run = {.complete = true};
    struct wsq_case c = {.id = wsq_dup("big/<&>"), .verdict = WSQ_FAIL, .unexpected = true};
    struct wsq_fault *fault = calloc(1, sizeof *fault);
    char *big = malloc((1 << 20) + 1);

    for (size_t i = 0; i < 1 << 20; i++)
        big[i] = (char)(i * 31 % 255 + 1);
    big[1 << 20] = '\0';
    *fault = (struct wsq_fault){.verdict = WSQ_FAIL, .line = 3, .saw = wsq_dup(big)};
    c.faults = fault;
    c.fault_count = 1;
    c.title = wsq_dup(big);
    c.reason = wsq_dup(big);
    c.suite = wsq_dup(big);
    c.script = wsq_dup(big);
    c.transcript = wsq_dup(big);
    c.replay = wsq_dup(big);
    run.target = big;
    ck_assert(wsq_run_add(&run, &c));
    return run;
}

START_TEST(megabytes_stay_well_formed)
{
    struct wsq_run run = run_of_megabytes();

    xmlFreeDoc(parse(formats[_i], &run));
    wsq_run_drop(&run);
}
END_TEST

START_TEST(an_empty_run_is_well_formed)
{
    struct wsq_run run = {0};

    xmlFreeDoc(parse(formats[_i], &run));
}
END_TEST

/* Every code point of the basic plane, and every byte that is none. */
START_TEST(every_character_stays_well_formed)
{
    struct wsq_run run = {0};
    struct wsq_case c = {.id = wsq_dup("a")};
    char *all = malloc(4 * 0x10000), *p = all;

    for (unsigned point = 1; point < 0x10000; point++) {
        if (point >= 0x80 && point < 0x100)
            *p++ = (char)point;
        if (point < 0x80) {
            *p++ = (char)point;
        } else if (point < 0x800) {
            *p++ = (char)(0xC0 | point >> 6);
            *p++ = (char)(0x80 | (point & 0x3F));
        } else {
            *p++ = (char)(0xE0 | point >> 12);
            *p++ = (char)(0x80 | (point >> 6 & 0x3F));
            *p++ = (char)(0x80 | (point & 0x3F));
        }
    }
    *p = '\0';
    c.transcript = wsq_dup(all);
    c.title = all;
    run.target = wsq_dup(all);
    ck_assert(wsq_run_add(&run, &c));
    xmlFreeDoc(parse(formats[_i], &run));
    wsq_run_drop(&run);
}
END_TEST

/* ---- JUnit ---- */

static bool is_valid(xmlDocPtr document)
{
    xmlSchemaParserCtxtPtr parser =
        xmlSchemaNewParserCtxt(WSPROOF_SOURCE_DIR "/reports/schema/junit.xsd");
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    xmlSchemaValidCtxtPtr check;
    int result;

    ck_assert_msg(schema, "junit.xsd is no schema");
    check = xmlSchemaNewValidCtxt(schema);
    result = xmlSchemaValidateDoc(check, document);
    xmlSchemaFreeValidCtxt(check);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return result == 0;
}

START_TEST(the_sample_is_junit)
{
    struct wsq_run run;
    xmlDocPtr document;

    wsq_sample_run(&run);
    document = parse("junit", &run);
    ck_assert(is_valid(document));
    xmlFreeDoc(document);
    wsq_run_drop(&run);
}
END_TEST

START_TEST(megabytes_are_junit)
{
    struct wsq_run run = run_of_megabytes();
    xmlDocPtr document = parse("junit", &run);

    ck_assert(is_valid(document));
    xmlFreeDoc(document);
    wsq_run_drop(&run);
}
END_TEST

/* What a CI server makes of the sample. */
static const struct expression junit[] = {
    {"count(/testsuites/testsuite)", 11},
    {"count(//testcase)", 15},
    {"/testsuites/@tests", 15},
    {"/testsuites/@tests - sum(//testsuite/@tests)", 0},
    {"/testsuites/@failures - count(//failure)", 0},
    {"/testsuites/@errors - count(//error)", 0},
    {"sum(//testsuite/@skipped) - count(//skipped)", 0},
    {"count(//failure)", 5},
    {"count(//error)", 1},
    {"count(//skipped)", 5},
    /* an expected fault does not turn the gate red, an unexpected pass does */
    {"count(//testcase[@name='5.1/unmasked-ping']/skipped[starts-with(@message,'expected: fail  # "
     "known')])",
     1},
    {"count(//testcase[@name='5.1/unmasked-text']/failure)", 1},
    {"count(//testcase[@name='4.2.1/version-99']/failure[contains(@message,'pass, but the "
     "expectations say')])",
     1},
    {"count(//testcase[@name='8.1/invalid-utf8-code']/*[self::failure or self::error or "
     "self::skipped])",
     0},
    {"count(//testcase[@name='auth/token']/error[contains(@message,'ECONNREFUSED')])", 1},
    {"count(//testcase[@name='9.1/deflate']/skipped[contains(@message,'permessage-deflate')])", 1},
    {"count(//testcase[@name='the expectations fit']/failure[contains(.,'5.9/<gone>')])", 1},
    {"count(//testcase[@classname='wsproof.5_1'])", 2},
    {"count(//testcase[@name='7.1.7/eof-after-close'][@time='6.010'])", 1},
    {"count(//testcase[@name='5.1/unmasked-text']//property[@name='section'][@value='RFC 6455, "
     "section 5.1'])",
     1},
    {"count(//testcase[@name='5.1/unmasked-text']/system-out[contains(.,'> text \"hello\" "
     "mask=none')])",
     1},
    {"count(//system-out[contains(.,'\\x1b[31mred')])", 1},
    {"count(//system-out[contains(.,'\\u{fffe}')][contains(.,']]>')])", 1},
};

START_TEST(junit_says)
{
    check_expression("junit", &junit[_i]);
}
END_TEST

/* ---- the page ---- */

static const struct expression page[] = {
    {"count(//h:script)", 1},
    {"count(//h:style)", 1},
    {"count(//@*[starts-with(name(), 'on')])", 0},
    {"count(//@style)", 0},
    {"count(//@src)", 0},
    {"count(//h:form | //h:iframe | //h:img | //h:object | //h:base)", 0},
    {"count(//@href[not(starts-with(., '#')) and not(starts-with(., "
     "'https://www.rfc-editor.org/rfc/rfc')) and "
     "not(starts-with(., 'data:image/svg+xml,'))])",
     0},
    {"count(//h:b[. = ''] | //h:bob | //h:gone | //h:i)", 0},
    {"count(//h:details[@class='case'])", 14},
    {"count(//h:details[@class='case'][not(@id)])", 0},
    {"count(//h:details[@class='case'][@data-unexpected])", 5},
    {"count(//h:details[@class='section'])", 7},
    {"count(//h:details[@class='section'][@open])", 5},
    {"count(//h:details[@id='case-5.1/unmasked-text']//h:mark[contains(., '< fail 1002')])", 1},
    {"count(//h:details[@id='case-5.1/unmasked-text']//h:a[@href='https://www.rfc-editor.org/rfc/"
     "rfc6455#section-5.1'])",
     1},
    {"count(//h:details[@class='case']//h:a[. = 'Link to this case'])", 14},
    {"count(//h:a[starts-with(@href, '#')][not(substring(@href, 2) = //@id)])", 0},
    {"count(//h:div[@class='gate bad']/h:h2/h:strong[. = 'No'])", 1},
    {"count(//h:div[@class='gate bad']/h:p[contains(., '3 cases went wrong') and contains(., "
     "'1 case could not be judged') and contains(., '1 case is better than agreed') and "
     "contains(., "
     "'1 complaint about the expectations') and contains(., '2 MUST')])",
     1},
    {"count(//h:section[@class='broke']//h:li[@class='breach'])", 7},
    {"count(//h:section[@class='broke']//h:li[contains(., 'on an unmasked client "
     "frame')][contains(., "
     "'2 cases')])",
     1},
    {"count(//h:section[@class='now']//h:pre[contains(., '--only 5.1/unmasked-text')])", 1},
    {"count(//h:section[@class='now']//h:pre[contains(., '5.5.2/pong-under-load')])", 1},
    {"count(//h:h3[. = 'Judged 10 of 14'])", 1},
    {"count(//h:li[starts-with(., '2 × the target does not offer permessage-deflate')])", 1},
    {"count(//h:section[@id='coverage']//h:details[@data-section='6455-5.1']//h:li[contains(., "
     "'broken')])",
     1},
    {"count(//h:section[@id='timing']//h:td[. = '6.01 s'])", 1},
    /* a frame, field by field */
    {"count(//h:details[@id='case-5.1/unmasked-text']//h:pre[contains(., 'opcode  1, text')]"
     "[contains(., 'MASK    0, not masked')][contains(., '68 65 6c 6c 6f')])",
     2},
    /* what was seen is marked in the transcript, what was missing behind it */
    {"count(//h:details[@id='case-5.1/unmasked-text']//h:mark[contains(., '< text \"hello\"')])",
     1},
    {"count(//h:details[@id='case-7.1.7/eof-after-close']//h:mark[contains(., 'nothing within 6 "
     "s')])",
     1},
};

START_TEST(the_page_says)
{
    check_expression("html", &page[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xml");
    TCase *forms = tcase_create("form"), *content = tcase_create("content");
    SRunner *runner = srunner_create(suite);
    int failed;

    xmlInitParser();
    tcase_set_timeout(forms, 0);
    tcase_add_loop_test(forms, an_empty_run_is_well_formed, 0, 2);
    tcase_add_loop_test(forms, megabytes_stay_well_formed, 0, 2);
    tcase_add_loop_test(forms, every_character_stays_well_formed, 0, 2);
    tcase_add_test(forms, the_sample_is_junit);
    tcase_add_test(forms, megabytes_are_junit);
    suite_add_tcase(suite, forms);
    tcase_add_loop_test(content, junit_says, 0, sizeof junit / sizeof junit[0]);
    tcase_add_loop_test(content, the_page_says, 0, sizeof page / sizeof page[0]);
    suite_add_tcase(suite, content);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    xmlCleanupParser();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
