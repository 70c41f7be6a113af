/* What the parser makes of each construct. */
#include "notation_test.h"

#include <stdio.h>

/* --- steps: kind, verb and counts; every row also goes through the laws --- */

static const struct {
    const char *body;
    enum wsn_step_kind kind;
    const char *verb; /* NULL: absent; "$x": a variable */
    size_t codes, terms, modifiers, lines;
} steps[] = {
    {"  > GET\n", WSN_SEND_REQUEST, "GET", 0, 0, 0, 0},
    {"  > Get /x HTTP/1.0\n", WSN_SEND_REQUEST, "Get", 0, 0, 0, 0},
    {"  > GET\n    A: b\n    -C\n", WSN_SEND_REQUEST, "GET", 0, 0, 0, 2},
    {"  > \"GET / HTTP/1.1\\r\\n\" eol=\"\\n\"\n", WSN_SEND_REQUEST, NULL, 0, 1, 1, 0},
    {"  role server\n  > 101\n    A: b\n", WSN_SEND_RESPONSE, NULL, 1, 0, 0, 1},
    {"  role server\n  > $status\n", WSN_SEND_RESPONSE, NULL, 1, 0, 0, 0},
    {"  role server\n  > \"HTTP/1.1 101 x\\r\\n\"\n", WSN_SEND_RESPONSE, NULL, 0, 1, 0, 0},
    {"  role server\n  > $kind \"x\"\n", WSN_SEND_FRAME, "$kind", 0, 1, 0, 0},
    {"  > text \"a\" + \"b\" * 3 fin=0 rsv=1\n", WSN_SEND_FRAME, "text", 0, 2, 2, 0},
    {"  > close 1000 \"bye\" mask=none\n", WSN_SEND_FRAME, "close", 1, 0, 1, 0},
    {"  > $kind\n", WSN_SEND_FRAME, "$kind", 0, 0, 0, 0},
    {"  > frame \"x\" fin=0 opcode=3\n", WSN_SEND_FRAME, "frame", 0, 1, 2, 0},
    {"  > raw hex(00) chop=1\n", WSN_SEND_RAW, NULL, 0, 1, 1, 0},
    {"  > fin\n", WSN_SEND_FIN, NULL, 0, 0, 0, 0},
    {"  > reset\n", WSN_SEND_RESET, NULL, 0, 0, 0, 0},
    {"  role server\n  < GET /x\n    Host: *\n", WSN_EXPECT_REQUEST, "GET", 0, 0, 0, 1},
    {"  < 101\n    !A\n    extension x\n", WSN_EXPECT_STATUS, NULL, 1, 0, 0, 2},
    {"  < 400|4xx|$s\n", WSN_EXPECT_STATUS, NULL, 3, 0, 0, 0},
    {"  < $status\n", WSN_EXPECT_STATUS, NULL, 1, 0, 0, 0},
    {"  < $kind \"x\"\n", WSN_EXPECT_MESSAGE, "$kind", 0, 1, 0, 0},
    {"  < refuse\n", WSN_EXPECT_REFUSE, NULL, 0, 0, 0, 0},
    {"  < refuse 426|400\n", WSN_EXPECT_REFUSE, NULL, 2, 0, 0, 0},
    {"  < refused\n", WSN_EXPECT_REFUSED, NULL, 0, 0, 0, 0},
    {"  < text\n", WSN_EXPECT_MESSAGE, "text", 0, 0, 0, 0},
    {"  < text ~/a/\n", WSN_EXPECT_MESSAGE, "text", 0, 1, 0, 0},
    {"  < pong \"x\" within 2s  @6455-1-1\n", WSN_EXPECT_MESSAGE, "pong", 0, 1, 0, 0},
    {"  < echo\n", WSN_EXPECT_ECHO, NULL, 0, 0, 0, 0},
    {"  < frame text fin=0 \"x\"\n", WSN_EXPECT_FRAME, "text", 0, 1, 1, 0},
    {"  < frame opcode=3\n", WSN_EXPECT_FRAME, NULL, 0, 0, 1, 0},
    {"  < close\n", WSN_EXPECT_CLOSE, NULL, 0, 0, 0, 0},
    {"  < close 1000 ~/x/\n", WSN_EXPECT_CLOSE, NULL, 1, 0, 0, 0},
    {"  < fail\n", WSN_EXPECT_FAIL, NULL, 0, 0, 0, 0},
    {"  < fail 1002|1009\n", WSN_EXPECT_FAIL, NULL, 2, 0, 0, 0},
    {"  < eof\n", WSN_EXPECT_EOF, NULL, 0, 0, 0, 0},
    {"  alive\n", WSN_ALIVE, NULL, 0, 0, 0, 0},
    {"  reachable\n", WSN_REACHABLE, NULL, 0, 0, 0, 0},
    {"  never text \"x\"\n", WSN_NEVER, NULL, 0, 0, 0, 0},
    {"  silent 300ms\n", WSN_SILENT, NULL, 0, 0, 0, 0},
    {"  wait $time\n", WSN_WAIT, NULL, 0, 0, 0, 0},
    {"  deaf\n", WSN_DEAF, NULL, 0, 0, 0, 0},
    {"  hear\n", WSN_HEAR, NULL, 0, 0, 0, 0},
    {"  repeat 3 pause=1s\n    > fin\n", WSN_REPEAT, NULL, 0, 0, 1, 0},
    {"  either\n    < eof\n  or\n    < echo\n", WSN_EITHER, NULL, 0, 0, 0, 0},
    {"  let v = header X-$y\n", WSN_LET, "header", 0, 0, 0, 0},
    {"  let v = json $.a[$i]\n", WSN_LET, "json", 0, 0, 0, 0},
    {"  connect tls sni=a max=1.1\n", WSN_CONNECT, "tls", 0, 0, 2, 0},
    {"  renegotiate\n", WSN_RENEGOTIATE, NULL, 0, 0, 0, 0},
    {"  connect plain\n", WSN_CONNECT, "plain", 0, 0, 0, 0},
    {"  # comment\n", WSN_COMMENT, NULL, 0, 0, 0, 0},
};

static void check_text(const struct wsn_text *text, const char *expected)
{
    bool variable = expected && expected[0] == '$';
    ck_assert_int_eq(text->present, expected != NULL);
    if (!expected)
        return;
    ck_assert_uint_eq(text->count, *expected ? 1 : 0);
    if (!*expected)
        return;
    ck_assert_int_eq(text->parts[0].variable, variable);
    ck_assert_uint_eq(text->parts[0].n, strlen(expected + variable));
    ck_assert_mem_eq(text->parts[0].p, expected + variable, strlen(expected + variable));
}

START_TEST(step_is_read)
{
    struct script script;
    const struct wsn_step *step = only_step(&script, steps[_i].body);
    ck_assert_int_eq(step->kind, steps[_i].kind);
    check_text(&step->verb, steps[_i].verb);
    ck_assert_uint_eq(step->code_count, steps[_i].codes);
    ck_assert_uint_eq(step->payload.count, steps[_i].terms);
    ck_assert_uint_eq(step->modifier_count, steps[_i].modifiers);
    ck_assert_uint_eq(step->line_count, steps[_i].lines);
    drop_script(&script);
}
END_TEST

/* --- strings and literals: the bytes that they give --- */

#define BYTES(s) s, sizeof(s) - 1
static const struct {
    const char *source;
    enum wsn_term_kind kind;
    const char *bytes;
    size_t n;
} literals[] = {
    {"\"\"", WSN_TERM_TEXT, BYTES("")},
    {"\"hello\"", WSN_TERM_TEXT, BYTES("hello")},
    {"\"\\n\\r\\t\\0\\\\\\\"\"", WSN_TERM_TEXT, BYTES("\n\r\t\0\\\"")},
    {"\"\\x00\\xfF7\"", WSN_TERM_TEXT,
     BYTES("\0\xff"
           "7")},
    {"\"\\u{41}\\u{e9}\\u{20ac}\\u{1F600}\"", WSN_TERM_TEXT,
     BYTES("A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")},
    {"\"$$ # $$$$\"", WSN_TERM_TEXT, BYTES("$ # $$")},
    {"hex()", WSN_TERM_HEX, BYTES("")},
    {"hex(00 fF7a)", WSN_TERM_HEX, BYTES("\0\xff\x7a")},
    {"base64()", WSN_TERM_BASE64, BYTES("")},
    {"base64(AA==)", WSN_TERM_BASE64, BYTES("\0")},
    {"base64(AAE=)", WSN_TERM_BASE64, BYTES("\0\1")},
    {"base64(+/+/)", WSN_TERM_BASE64, BYTES("\xfb\xff\xbf")},
    {"random( 16 )", WSN_TERM_RANDOM, BYTES("16")},
    {"json(0x10)", WSN_TERM_JSON, BYTES("0x10")},
    {"prose(7)", WSN_TERM_PROSE, BYTES("7")},
    {"file(\"a)\\\"\")", WSN_TERM_FILE, BYTES("a)\"")},
    {"~/a\\/b\\d$/", WSN_TERM_REGEX, BYTES("a/b\\d$")},
    {"~/a$$b\\$c\\\\/", WSN_TERM_REGEX, BYTES("a$b\\$c\\\\")},
    {"~/  # \"/", WSN_TERM_REGEX, BYTES("  # \"")},
    {"json {\"a\": \"}\\\"\"}", WSN_TERM_VALUE, BYTES("{\"a\": \"}\\\"\"}")},
    {"json [1, [2]]", WSN_TERM_VALUE, BYTES("[1, [2]]")},
    {"json {\n      \"a\":\n    1}", WSN_TERM_VALUE, BYTES("{\n    \"a\":\n  1}")},
};

START_TEST(literal_gives_its_bytes)
{
    char body[256];
    snprintf(body, sizeof body, "  < text %s\n", literals[_i].source);
    struct script script;
    const struct wsn_step *step = only_step(&script, body);
    ck_assert_uint_eq(step->payload.count, 1);
    const struct wsn_term *term = &step->payload.terms[0];
    ck_assert_int_eq(term->kind, literals[_i].kind);
    ck_assert_uint_eq(term->text.count, literals[_i].n ? 1 : 0);
    if (literals[_i].n) {
        ck_assert_int_eq(term->text.parts[0].variable, false);
        ck_assert_uint_eq(term->text.parts[0].n, literals[_i].n);
        ck_assert_mem_eq(term->text.parts[0].p, literals[_i].bytes, literals[_i].n);
    }
    drop_script(&script);
}
END_TEST

START_TEST(templates_are_parts)
{
    struct script script;
    const struct wsn_step *step = only_step(&script, "  > text \"a$b${c}d$$e$_f1-\"\n");
    const struct wsn_text *text = &step->payload.terms[0].text;
    static const struct {
        bool variable;
        const char *p;
    } parts[] = {{false, "a"},   {true, "b"},   {true, "c"},
                 {false, "d$e"}, {true, "_f1"}, {false, "-"}};
    ck_assert_int_eq(text->quoted, true);
    ck_assert_uint_eq(text->count, sizeof parts / sizeof *parts);
    for (size_t i = 0; i < text->count; i++) {
        ck_assert_int_eq(text->parts[i].variable, parts[i].variable);
        ck_assert_uint_eq(text->parts[i].n, strlen(parts[i].p));
        ck_assert_mem_eq(text->parts[i].p, parts[i].p, text->parts[i].n);
    }
    drop_script(&script);
}
END_TEST

/* --- deeper lines --- */

static const struct {
    bool sent;
    const char *line;
    enum wsn_line_kind kind;
    const char *name, *value, *charge, *comment;
} lines[] = {
    {true, "Name:  a  b  # c", WSN_LINE_SET, "Name", "a  b  # c", NULL, NULL},
    {true, "Name: a  @6455-1-1", WSN_LINE_SET, "Name", "a  @6455-1-1", NULL, NULL},
    {true, "Name:", WSN_LINE_SET, "Name", "", NULL, NULL},
    {true, "$name:$value", WSN_LINE_SET, "$name", "$value", NULL, NULL},
    {true, "+Name: a", WSN_LINE_ADD, "Name", "a", NULL, NULL},
    {true, "-Name  # gone", WSN_LINE_REMOVE, "Name", NULL, NULL, " gone"},
    {true, "\"X\\r\\n\"  # raw", WSN_LINE_RAW, NULL, NULL, NULL, " raw"},
    {true, "body \"x\"", WSN_LINE_BODY, NULL, NULL, NULL, NULL},
    {true, "Body: x", WSN_LINE_SET, "Body", "x", NULL, NULL},
    {true, "# alone", WSN_LINE_COMMENT, NULL, NULL, NULL, " alone"},
    {false, "Name: a  b   @6455-1-1", WSN_LINE_SET, "Name", "a  b", "6455-1-1", NULL},
    {false, "Name: a @b", WSN_LINE_SET, "Name", "a @b", NULL, NULL},
    {false, "Name:  @6455-1-1", WSN_LINE_SET, "Name", "", "6455-1-1", NULL},
    {false, "Name: a  # b", WSN_LINE_SET, "Name", "a  # b", NULL, NULL},
    {false, "Name: a  @6455-1-1  # b", WSN_LINE_SET, "Name", "a", "6455-1-1", " b"},
    {false, "Name: *  # b", WSN_LINE_ANY, "Name", NULL, NULL, " b"},
    {false, "Name: */*", WSN_LINE_SET, "Name", "*/*", NULL, NULL},
    {false, "Name: ~/a  @b  # c/  @6455-1-1", WSN_LINE_MATCH, "Name", "a  @b  # c", "6455-1-1",
     NULL},
    {false, "!Name  @6455-1-1", WSN_LINE_ABSENT, "Name", NULL, "6455-1-1", NULL},
    {false, "body ~/x/  @6455-1-1", WSN_LINE_BODY, NULL, NULL, "6455-1-1", NULL},
    {false, "extension a b=8..10 !c  @6455-1-1", WSN_LINE_EXTENSION, "a", NULL, "6455-1-1", NULL},
    {false, "!extension a", WSN_LINE_NO_EXTENSION, "a", NULL, NULL, NULL},
    {false, "extension: x", WSN_LINE_SET, "extension", "x", NULL, NULL},
};

static void check_string(const char *found, const char *expected)
{
    ck_assert_int_eq(found != NULL, expected != NULL);
    if (expected)
        ck_assert_str_eq(found, expected);
}

START_TEST(line_is_read)
{
    struct script script;
    char body[256];
    snprintf(body, sizeof body, "  %s\n    %s\n    Z: z\n", lines[_i].sent ? "> GET" : "< 101",
             lines[_i].line);
    const struct wsn_step *step = only_step(&script, body);
    ck_assert_uint_eq(step->line_count, 2);
    const struct wsn_line *line = &step->lines[0];
    ck_assert_int_eq(line->kind, lines[_i].kind);
    check_text(&line->name, lines[_i].name);
    check_text(&line->value, lines[_i].value);
    check_text(&line->charge, lines[_i].charge);
    check_string(line->comment, lines[_i].comment);
    drop_script(&script);
}
END_TEST

START_TEST(extension_has_parameters)
{
    struct script script;
    const struct wsn_step *step =
        only_step(&script, "  < 101\n    extension x a b=8..10 !c d=$v\n");
    const struct wsn_line *line = &step->lines[0];
    ck_assert_uint_eq(line->param_count, 4);
    check_text(&line->params[0].name, "a");
    check_text(&line->params[0].value, NULL);
    check_text(&line->params[1].value, "8..10");
    ck_assert_int_eq(line->params[2].absent, true);
    check_text(&line->params[2].name, "c");
    check_text(&line->params[3].value, "$v");
    drop_script(&script);
}
END_TEST

/* --- steps in detail --- */

START_TEST(request_has_its_words)
{
    struct script script;
    const struct wsn_step *step =
        only_step(&script, "  > GET /a?b=c HTTP/1.0 open plain pause=5ms\n");
    check_text(&step->target, "/a?b=c");
    check_text(&step->version, "HTTP/1.0");
    ck_assert(step->open && step->plain);
    ck_assert_str_eq(step->modifiers[0].name, "pause");
    check_text(&step->modifiers[0].value, "5ms");
    drop_script(&script);
}
END_TEST

START_TEST(tail_is_read)
{
    struct script script;
    const struct wsn_step *step =
        only_step(&script, "  bob< text \"x\" within 2s @6455-1-1  # why\n");
    ck_assert_str_eq(step->connection, "bob");
    check_text(&step->within, "2s");
    check_text(&step->charge, "6455-1-1");
    ck_assert_str_eq(step->comment, " why");
    ck_assert_uint_eq(step->pos.line, 2);
    ck_assert_uint_eq(step->pos.column, 3);
    drop_script(&script);
}
END_TEST

START_TEST(close_has_code_and_reason)
{
    struct script script;
    const struct wsn_step *step = only_step(&script, "  > close $code \"a\" + $b\n");
    check_text(&step->codes[0], "$code");
    ck_assert_uint_eq(step->reason.count, 2);
    ck_assert_int_eq(step->payload.present, false);
    drop_script(&script);
}
END_TEST

START_TEST(opcode_stands_first)
{
    struct script script;
    const struct wsn_step *step = only_step(&script, "  > frame \"x\" fin=0 rsv=1 opcode=3\n");
    ck_assert_str_eq(step->modifiers[0].name, "opcode");
    ck_assert_str_eq(step->modifiers[1].name, "fin");
    ck_assert_str_eq(step->modifiers[2].name, "rsv");
    drop_script(&script);
}
END_TEST

START_TEST(never_holds_its_pattern)
{
    struct script script;
    const struct wsn_step *step = only_step(&script, "  bob never close 1000  @6455-1-1\n");
    ck_assert_str_eq(step->connection, "bob");
    check_text(&step->charge, "6455-1-1");
    ck_assert_uint_eq(step->branch_count, 1);
    ck_assert_uint_eq(step->branches[0].step_count, 1);
    ck_assert_int_eq(step->branches[0].steps[0].kind, WSN_EXPECT_CLOSE);
    ck_assert_uint_eq(step->branches[0].steps[0].code_count, 1);
    drop_script(&script);
}
END_TEST

START_TEST(either_has_branches)
{
    struct script script;
    const struct wsn_step *step =
        only_step(&script, "  either\n    < echo\n    < eof\n"
                           "  or warn \"a $b\"  # c\n    < eof\n"
                           "  or info \"d\"\n    < eof\n  or\n    < fail\n");
    ck_assert_uint_eq(step->branch_count, 4);
    ck_assert_uint_eq(step->branches[0].step_count, 2);
    ck_assert_int_eq(step->branches[0].grade, WSN_GRADE_NONE);
    ck_assert_int_eq(step->branches[1].grade, WSN_GRADE_WARN);
    ck_assert_uint_eq(step->branches[1].why.count, 2);
    ck_assert_str_eq(step->branches[1].comment, " c");
    ck_assert_int_eq(step->branches[2].grade, WSN_GRADE_INFO);
    ck_assert_int_eq(step->branches[3].grade, WSN_GRADE_NONE);
    drop_script(&script);
}
END_TEST

/* --- clauses and files --- */

START_TEST(clauses_are_read)
{
    struct script script;
    only_step(&script,
              "  title  One $x\n  cites  a b\n  needs  c\n  role   client\n  timeout  2s\n"
              "  set    d = e f\n  autobahn  1.1.1\n  watch  g\n  each   h = 1 \"2\"\n  alive\n");
    const struct wsn_case *c = &script.file->cases[0];
    static const enum wsn_clause_kind kinds[] = {
        WSN_CLAUSE_TITLE,    WSN_CLAUSE_CITES,   WSN_CLAUSE_NEEDS,
        WSN_CLAUSE_ROLE,     WSN_CLAUSE_TIMEOUT, WSN_CLAUSE_SET,
        WSN_CLAUSE_AUTOBAHN, WSN_CLAUSE_WATCH,   WSN_CLAUSE_EACH};
    ck_assert_uint_eq(c->clause_count, sizeof kinds / sizeof *kinds);
    for (size_t i = 0; i < c->clause_count; i++)
        ck_assert_int_eq(c->clauses[i].kind, kinds[i]);
    ck_assert_uint_eq(c->clauses[0].text.count, 2);
    ck_assert_uint_eq(c->clauses[1].word_count, 2);
    check_text(&c->clauses[3].words[0], "client");
    check_text(&c->clauses[4].text, "2s");
    check_text(&c->clauses[5].words[0], "d");
    check_text(&c->clauses[5].text, "e f");
    drop_script(&script);
}
END_TEST

START_TEST(table_is_read)
{
    struct script script;
    only_step(&script,
              "  each   path  value\n         /foo  \"a b\"  # c\n         /bar  hex(00) * 2\n"
              "  > GET $path\n");
    const struct wsn_each *each = &script.file->cases[0].clauses[0].each;
    ck_assert(each->table);
    ck_assert_uint_eq(each->name_count, 2);
    ck_assert_uint_eq(each->row_count, 2);
    ck_assert_str_eq(each->names[1], "value");
    check_text(&each->cells[0].text, "/foo");
    ck_assert_int_eq(each->cells[0].text.quoted, false);
    ck_assert_int_eq(each->cells[1].text.quoted, true);
    ck_assert_int_eq(each->cells[3].kind, WSN_TERM_HEX);
    check_text(&each->cells[3].times, "2");
    ck_assert_str_eq(each->row_comments[0], " c");
    ck_assert_ptr_null(each->row_comments[1]);
    drop_script(&script);
}
END_TEST

START_TEST(cases_know_their_source)
{
    static const char source[] = "# a\n\ncase one\n  > fin\n  # b\n# c\ncase two\n  > fin";
    struct script script = read_script(source, sizeof source - 1);
    const struct wsn_case *one = &script.file->cases[0], *two = &script.file->cases[1];
    ck_assert_uint_eq(script.file->case_count, 2);
    ck_assert_uint_eq(one->before_count, 2);
    ck_assert_str_eq(one->before[0], "# a");
    ck_assert_str_eq(one->before[1], "");
    ck_assert_uint_eq(two->before_count, 1);
    ck_assert_mem_eq(source + one->from, "case one\n  > fin\n  # b\n", one->to - one->from);
    ck_assert_uint_eq(two->to, sizeof source - 1);
    drop_script(&script);
}
END_TEST

/* A case with an error is left out; those around it stay. */
START_TEST(bad_cases_are_left_out)
{
    static const char source[] = "case one\n  > fin\ncase two\n  > fni\ncase three\n  > fin\n";
    struct script script = read_script(source, sizeof source - 1);
    ck_assert_uint_eq(script.errors.total, 1);
    ck_assert_uint_eq(script.file->case_count, 2);
    check_text(&script.file->cases[1].id, "three");
    drop_script(&script);
}
END_TEST

/* --- the small literals --- */

static const struct {
    const char *text;
    int64_t ms;
} durations[] = {
    {"0ms", 0},
    {"300ms", 300},
    {"2s", 2000},
    {"1m", 60000},
    {"86400s", 86400000},
    {"1440m", 86400000},
    {"86401s", -1},
    {"86400001ms", -1},
    {"", -1},
    {"s", -1},
    {"ms", -1},
    {"2", -1},
    {"2h", -1},
    {"-2s", -1},
    {"1.5s", -1},
    {"2 s", -1},
    {"99999999999999999999s", -1},
    {"0x10s", -1},
    {"2sm", -1},
};

START_TEST(duration_is_read)
{
    const char *text = durations[_i].text;
    ck_assert_int_eq(wsn_duration(text, strlen(text)), durations[_i].ms);
}
END_TEST

START_TEST(numbers_are_read)
{
    uint64_t value = 0;
    ck_assert(wsn_number("18446744073709551615", 20, UINT64_MAX, &value));
    ck_assert(value == UINT64_MAX);
    ck_assert(!wsn_number("18446744073709551616", 20, UINT64_MAX, &value));
    ck_assert(wsn_number("0xffffffffffffffff", 18, UINT64_MAX, &value));
    ck_assert(value == UINT64_MAX);
    ck_assert(!wsn_number("0x10000000000000000", 19, UINT64_MAX, &value));
    ck_assert(wsn_number("0x1F", 4, 31, &value));
    ck_assert(!wsn_number("32", 2, 31, &value));
    ck_assert(!wsn_number("", 0, 9, &value));
    ck_assert(!wsn_number("0x", 2, 9, &value));
    ck_assert(!wsn_number("1a", 2, 99, &value));
    ck_assert(!wsn_number("+1", 2, 99, &value));
}
END_TEST

Suite *parse_suite(void)
{
    Suite *suite = suite_create("parse");
    TCase *tests = tcase_create("constructs");
    ADD_ROWS(tests, step_is_read, steps);
    ADD_ROWS(tests, literal_gives_its_bytes, literals);
    ADD_ROWS(tests, line_is_read, lines);
    ADD_ROWS(tests, duration_is_read, durations);
    tcase_add_test(tests, templates_are_parts);
    tcase_add_test(tests, extension_has_parameters);
    tcase_add_test(tests, request_has_its_words);
    tcase_add_test(tests, tail_is_read);
    tcase_add_test(tests, close_has_code_and_reason);
    tcase_add_test(tests, opcode_stands_first);
    tcase_add_test(tests, never_holds_its_pattern);
    tcase_add_test(tests, either_has_branches);
    tcase_add_test(tests, clauses_are_read);
    tcase_add_test(tests, table_is_read);
    tcase_add_test(tests, cases_know_their_source);
    tcase_add_test(tests, bad_cases_are_left_out);
    tcase_add_test(tests, numbers_are_read);
    suite_add_tcase(suite, tests);
    return suite;
}
