/* Any bytes: no crash, no leak, the laws hold for what is left, and time and memory stay in bounds.
 */
#include "notation_test.h"

enum { ROUNDS = 400 };

static char **seeds;
static size_t seed_count;

/* xorshift64*: the same mutations in every run. */
static uint64_t draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545f4914f6cdd1du;
}

static size_t below(uint64_t *state, size_t n)
{
    return n ? (size_t)(draw(state) >> 11) % n : 0;
}

/* Replaces source[at..at+cut) by n bytes. */
static void splice(struct wsn_buffer *source, size_t at, size_t cut, const char *p, size_t n)
{
    struct wsn_buffer changed = {0};
    wsn_put(&changed, source->p, at);
    wsn_put(&changed, p, n);
    wsn_put(&changed, source->p + at + cut, source->n - at - cut);
    wsn_buffer_drop(source);
    *source = changed;
}

static void mutate(struct wsn_buffer *source, uint64_t *state)
{
    static const char *const pieces[] = {
        "\n",     "\n  ",       "\n    ",    "  #",
        "\"",     "$",          "${",        "\\",
        "~/",     "/",          "|",         "json {",
        "}",      "hex(",       ")",         "@",
        "  @",    "\t",         "\r",        "\0",
        "\xff",   " * ",        " + ",       "=",
        "\nor\n", "\neither\n", "bob ",      "\ncase x\n",
        "!",      "use x",      "\ndef x\n", "include \"x\"\n",
    };
    size_t at = below(state, source->n), left = source->n - at;
    size_t n = below(state, left < 24 ? left : 24);
    char byte = (char)draw(state);
    const char *piece = pieces[below(state, sizeof pieces / sizeof *pieces)];
    switch (below(state, 5)) {
    case 0:
        splice(source, at, left ? 1 : 0, &byte, 1);
        break;
    case 1:
        splice(source, at, n, "", 0);
        break;
    case 2:
        splice(source, at, 0, source->p + at, n);
        break;
    case 3:
        splice(source, at, 0, piece, piece[0] ? strlen(piece) : 1);
        break;
    default:
        splice(source, at, n, source->p + below(state, source->n - n), n);
        break;
    }
}

/* Errors are printed too: whatever they say must be printable. */
static void check_source(const struct wsn_buffer *source)
{
    struct script script = read_script(source->p, source->n);
    struct wsn_buffer out = {0};
    size_t odd = 0;
    for (size_t i = 0; i < script.errors.count; i++)
        wsn_error_print(script.file, &script.errors.list[i], &out);
    for (size_t i = 0; i < out.n; i++)
        odd += (unsigned char)out.p[i] < 0x20 && out.p[i] != '\n';
    ck_assert_uint_eq(odd, 0);
    check_laws(script.file);
    wsn_link(&script.arena, script.file, NULL, NULL, &script.errors);
    wsn_buffer_drop(&out);
    drop_script(&script);
}

START_TEST(mutants_are_survived)
{
    uint64_t state = 0x9e3779b97f4a7c15u + (uint64_t)_i;
    size_t length;
    char *seed = read_file(seeds[_i], &length);
    for (int round = 0; round < ROUNDS; round++) {
        struct wsn_buffer source = {0};
        wsn_put(&source, seed, length);
        for (size_t i = below(&state, 6); i < 6; i++)
            mutate(&source, &state);
        check_source(&source);
        wsn_buffer_drop(&source);
    }
    free(seed);
}
END_TEST

/* --- sizes: each of these would take minutes if time grew with the square --- */

static const struct {
    const char *head, *piece, *tail;
} large[] = {
    {"case a\n  > text \"a\"", "+\"a\"", "\n"},
    {"case a\n  > text \"a\"", " + \"a\"", "\n"},
    {"case a\n  > text \"", "$a", "\"\n"},
    {"case a\n  > text \"", "\\", "\"\n"},
    {"case a\n  > text hex(", "00 ", ")\n"},
    {"case a\n  > text x", "  #", "\n"},
    {"case a\n  < 101\n    A: b", "  # c", "\n"},
    {"case a\n  < 101\n    A: b", "  @", "\n"},
    {"case a\n  < 101\n    extension x", " a=b", "\n"},
    {"case a\n  < fail 1000", "|1001", "\n"},
    {"case a\n  < text json [", "[", "\n"},
    {"case a\n  < text json [1", ",\n    1", "]\n"},
    {"case a\n  < text ~/", "\\/", "/\n"},
    {"case a\n  > text \"x\" cut=1", ",1", "\n"},
    {"case a\n  each   a = ", "b ", "\n  > fin\n"},
    {"case a\n  each   a b\n", "    c \"d\"\n", "  > fin\n"},
    {"case a\n  each   a = b\n", "    c\n", "  > fin\n"},
    {"case a\n  cites  ", "b ", "\n"},
    {"case a\n  title  x", "  x", "\n"},
    {"case a\n  > fin\n", "    # c\n", ""},
    {"case a\n  > fin\n", "# c\n", "  > fin\n"},
    {"case a\n  > fin\n", "\n", "  > fin\n"},
    {"case a\n  either\n    < eof\n", "  # c\n", "  or\n    < eof\n"},
    {"case a\n  either\n    < eof\n", "  or\n    < eof\n", ""},
    {"case a\n", "  > fni\n", ""},
    {"case a\n", "\t", "> fin\n"},
    {"", "case a\n", ""},
    {"", "# c\n", ""},
    {"", "x", ""},
    {"case a\n  > ", "x", "\n"},
    {"case a\n", "  repeat 2\n  ", "\n"},
};

START_TEST(large_input_is_read)
{
    struct wsn_buffer source = {0};
    wsn_puts(&source, large[_i].head);
    while (source.n < 400000)
        wsn_puts(&source, large[_i].piece);
    wsn_puts(&source, large[_i].tail);
    check_source(&source);
    wsn_buffer_drop(&source);
}
END_TEST

static void put_nested(struct wsn_buffer *source, unsigned depth)
{
    wsn_puts(source, "case a\n");
    for (unsigned i = 1; i <= depth; i++)
        wsn_printf(source, "%*srepeat 2\n", (int)i, "");
    wsn_printf(source, "%*s> fin\n", (int)depth + 1, "");
}

START_TEST(depth_is_limited)
{
    for (unsigned depth = 1; depth < 400; depth += depth < 40 ? 1 : 50) {
        struct wsn_buffer source = {0};
        put_nested(&source, depth);
        struct script script = read_script(source.p, source.n);
        ck_assert_uint_eq(script.errors.total, depth <= 32 ? 0 : 1);
        check_laws(script.file);
        drop_script(&script);
        wsn_buffer_drop(&source);
    }
}
END_TEST

/* Memory that ends anywhere gives NULL and nothing else. */
START_TEST(arena_limit_is_kept)
{
    size_t length;
    char *source = read_file(seeds[_i], &length);
    for (size_t limit = 1; limit < 400000; limit += limit / 7 + 97) {
        struct wsn_arena arena = {.limit = limit};
        struct wsn_errors errors = {0};
        wsn_parse(&arena, "x", source, length, &errors);
        ck_assert_uint_le(arena.used, limit);
        wsn_arena_drop(&arena);
    }
    free(source);
}
END_TEST

START_TEST(arena_gives_zeroed_memory)
{
    struct wsn_arena arena = {.limit = 300000};
    unsigned char *small = wsn_alloc(&arena, 10), *huge = wsn_alloc(&arena, 100000);
    unsigned char *next = wsn_alloc(&arena, 0);
    ck_assert(small && huge && next);
    ck_assert_uint_eq((uintptr_t)small % sizeof(void *), 0);
    static const unsigned char zeroes[100000];
    ck_assert_mem_eq(huge, zeroes, sizeof zeroes);
    ck_assert_ptr_null(wsn_alloc(&arena, 200000));
    ck_assert_ptr_null(wsn_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(wsn_copy(&arena, "", SIZE_MAX));
    ck_assert_str_eq(wsn_copy(&arena, "abc", 2), "ab");
    wsn_arena_drop(&arena);
    ck_assert_ptr_null(arena.blocks);
}
END_TEST

START_TEST(buffer_stops_at_its_limit)
{
    struct wsn_buffer out = {.limit = 10};
    wsn_puts(&out, "12345");
    wsn_printf(&out, "%s", "67890");
    ck_assert_str_eq(out.p, "1234567890");
    ck_assert(!out.full);
    wsn_puts(&out, "x");
    ck_assert(out.full);
    wsn_printf(&out, "%d", 1);
    ck_assert_str_eq(out.p, "1234567890");
    wsn_buffer_drop(&out);
    ck_assert(!out.full && !out.p && out.limit == 10);
}
END_TEST

/* --- trees that no parser made --- */

/* Literals that are split, and a variable right before a letter. */
START_TEST(split_literals_are_equal)
{
    struct wsn_part split[] = {{false, "a", 1}, {false, "", 0}, {false, "b", 1},
                               {true, "v", 1},  {false, "", 0}, {false, "c", 1}};
    struct wsn_part whole[] = {{false, "ab", 2}, {true, "v", 1}, {false, "c", 1}};
    struct wsn_term terms[] = {{.text = {split, 6, true, true, {0}}},
                               {.text = {whole, 3, true, true, {0}}}};
    struct wsn_step steps[2];
    struct wsn_case cases[2];
    struct wsn_file files[2];
    struct wsn_part id[] = {{false, "x", 1}}, verb[] = {{false, "text", 4}};
    for (int i = 0; i < 2; i++) {
        steps[i] = (struct wsn_step){.kind = WSN_SEND_FRAME,
                                     .verb = {verb, 1, false, true, {0}},
                                     .payload = {&terms[i], 1, true}};
        cases[i] =
            (struct wsn_case){.id = {id, 1, false, true, {0}}, .steps = &steps[i], .step_count = 1};
        files[i] = (struct wsn_file){.cases = &cases[i], .case_count = 1};
        check_laws(&files[i]);
    }
    ck_assert(wsn_equal(&files[0], &files[1]));
    whole[1].p = "w";
    ck_assert(!wsn_equal(&files[0], &files[1]));
    struct wsn_buffer out = {0};
    wsn_print_step(&steps[0], 4, &out);
    ck_assert_str_eq(out.p, "    > text \"ab${v}c\"\n");
    wsn_buffer_drop(&out);
}
END_TEST

/* What a peer sent may be quoted in a comment, whatever it holds. */
START_TEST(comments_are_escaped)
{
    struct wsn_step step = {.kind = WSN_COMMENT, .comment = " a\n\xff\x1b[31m caf\xc3\xa9\t \t"};
    struct wsn_buffer out = {0};
    wsn_print_step(&step, 2, &out);
    ck_assert_str_eq(out.p, "  # a\\x0a\\xff\\x1b[31m caf\xc3\xa9\n");
    wsn_buffer_drop(&out);
}
END_TEST

/* A literal that no script gave is a string. */
START_TEST(bare_literals_are_quoted)
{
    struct wsn_part part = {false, "a b", 3};
    struct wsn_term term = {.text = {.parts = &part, .count = 1, .present = true}};
    struct wsn_step step = {.kind = WSN_SEND_RAW, .payload = {&term, 1, true}};
    struct wsn_buffer out = {0};
    wsn_print_step(&step, 0, &out);
    ck_assert_str_eq(out.p, "> raw \"a b\"\n");
    wsn_buffer_drop(&out);
}
END_TEST

#define BYTES(s) s, sizeof(s) - 1
static const struct {
    const char *bytes;
    size_t n;
    const char *printed;
} printed[] = {
    {BYTES(""), "\"\""},
    {BYTES("hello $you \"x\" \\"), "\"hello $$you \\\"x\\\" \\\\\""},
    {BYTES("a\r\n\t\0b"), "\"a\\r\\n\\t\\0b\""},
    {BYTES("\x01\x02\x03"), "hex(01 02 03)"},
    {BYTES("abcdefgh\xff"), "\"abcdefgh\\xff\""},
    {BYTES("\xff"), "hex(ff)"},
    {BYTES("caf\xc3\xa9"), "\"caf\xc3\xa9\""},
    {BYTES("abcdef\xe2\x80\x8b"), "\"abcdef\\u{200b}\""},
    {BYTES("abcdefgh\xe2\x80"), "\"abcdefgh\\xe2\\x80\""},
};

START_TEST(bytes_are_printed)
{
    struct wsn_buffer out = {0};
    wsn_puts(&out, "case a\n  > binary ");
    size_t from = out.n;
    wsn_print_bytes((const uint8_t *)printed[_i].bytes, printed[_i].n, &out);
    ck_assert_str_eq(out.p + from, printed[_i].printed);
    wsn_puts(&out, "\n");
    struct script script = read_script(out.p, out.n);
    ck_assert_uint_eq(script.errors.total, 0);
    const struct wsn_text *text = &script.file->cases[0].steps[0].payload.terms[0].text;
    ck_assert_uint_eq(text->count, printed[_i].n ? 1 : 0);
    if (printed[_i].n)
        ck_assert_mem_eq(text->parts[0].p, printed[_i].bytes, printed[_i].n);
    drop_script(&script);
    wsn_buffer_drop(&out);
}
END_TEST

Suite *robust_suite(void)
{
    Suite *suite = suite_create("robust");
    TCase *tests = tcase_create("robust");
    seeds = find_scripts("core/notation/tests/golden");
    char **examples = find_scripts("corpus/examples");
    while (seeds[seed_count])
        seed_count++;
    for (size_t i = 0; examples[i]; i++) {
        seeds = realloc(seeds, (seed_count + 2) * sizeof *seeds);
        seeds[seed_count++] = examples[i];
        seeds[seed_count] = NULL;
    }
    free(examples);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, mutants_are_survived, 0, (int)seed_count);
    ADD_ROWS(tests, large_input_is_read, large);
    tcase_add_loop_test(tests, arena_limit_is_kept, 0, (int)seed_count);
    ADD_ROWS(tests, bytes_are_printed, printed);
    tcase_add_test(tests, depth_is_limited);
    tcase_add_test(tests, arena_gives_zeroed_memory);
    tcase_add_test(tests, buffer_stops_at_its_limit);
    tcase_add_test(tests, split_literals_are_equal);
    tcase_add_test(tests, comments_are_escaped);
    tcase_add_test(tests, bare_literals_are_quoted);
    suite_add_tcase(suite, tests);
    return suite;
}
