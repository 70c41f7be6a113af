/* Included files and blocks: what stands where in the end, and every mistake with its place. */
#include "notation_test.h"

#include <stdio.h>

/* The files that can be included. */
static const struct {
    const char *name, *text;
} shelf[] = {
    {"d/login.wst",
     "def login\n  > GET /login plain\n  < 200\n  let secret token = json $.token\n"},
    {"d/more.wst", "include \"login.wst\"\n\ndef both\n  use login\n  alive\n"},
    {"d/self.wst", "include \"self.wst\"\n"},
    {"d/ping.wst", "include \"./x/../pong.wst\"\n"},
    {"d/pong.wst", "include \"ping.wst\"\n"},
    {"d/cases.wst", "case a/b\n  alive\n"},
    {"d/broken.wst", "def good\n  alive\n\ndef bad\n  alvie\n"},
    {"d/login-too.wst", "def login\n  alive\n"},
    {"d/1.wst", "include \"2.wst\"\n"},
    {"d/2.wst", "include \"3.wst\"\n"},
    {"d/3.wst", "include \"4.wst\"\n"},
    {"d/4.wst", "include \"5.wst\"\n"},
    {"d/5.wst", "include \"6.wst\"\n"},
    {"d/6.wst", "include \"7.wst\"\n"},
    {"d/7.wst", "include \"8.wst\"\n"},
    {"d/8.wst", "include \"9.wst\"\n"},
    {"d/9.wst", "include \"10.wst\"\n"},
    {"d/10.wst", "include \"11.wst\"\n"},
    {"d/11.wst", "include \"12.wst\"\n"},
    {"d/12.wst", "include \"13.wst\"\n"},
    {"d/13.wst", "include \"14.wst\"\n"},
    {"d/14.wst", "include \"15.wst\"\n"},
    {"d/15.wst", "include \"16.wst\"\n"},
    {"d/16.wst", "include \"17.wst\"\n"},
    {"d/17.wst", "def far\n  alive\n"},
};
enum { SHELF = sizeof shelf / sizeof *shelf };

static const char *read_shelf(void *context, struct wsn_arena *arena, const char *name,
                              size_t *length)
{
    unsigned *reads = context;
    for (size_t i = 0; i < SHELF; i++) {
        if (strcmp(shelf[i].name, name) == 0) {
            *length = strlen(shelf[i].text);
            ++*reads;
            return wsn_copy(arena, shelf[i].text, *length);
        }
    }
    return NULL;
}

static struct script linked(const char *source, unsigned *reads)
{
    struct script script = {0};
    *reads = 0;
    script.file = wsn_parse(&script.arena, "d/t.wst", source, strlen(source), &script.errors);
    ck_assert_ptr_nonnull(script.file);
    wsn_link(&script.arena, script.file, read_shelf, reads, &script.errors);
    check_laws(script.file);
    return script;
}

static void print_all(const struct wsn_case *c, struct wsn_buffer *out)
{
    for (size_t i = 0; i < c->all_count; i++)
        wsn_print_step(&c->all[i], 0, out);
    wsn_puts(out, "");
}

/* What a case is in the end. */
static const struct {
    const char *source, *all;
    size_t used;
} good[] = {
    {"case a\n  alive\n", "alive\n", 0},
    {"def x\n  > text \"x\"\n\ncase a\n  alive\n  use x\n  alive\n", "alive\n> text \"x\"\nalive\n",
     1},
    {"def x\n  > text \"x\"\n\ncase a\n  bob use x\n", "bob> text \"x\"\n", 1},
    {"def x\n  alice> text \"x\"\n  wait 1s\n  alive\n\ncase a\n  bob use x\n",
     "alice> text \"x\"\nwait 1s\nbob alive\n", 1},
    {"def x\n  repeat 2\n    alive\n\ncase a\n  bob use x\n", "repeat 2\n  bob alive\n", 1},
    {"def x\n  alive\n\ndef y\n  bob use x\n  use x\n\ncase a\n  carl use y\n",
     "bob alive\ncarl alive\n", 2},
    {"def x\n  < eof\n\ncase a\n  either\n    use x\n  or\n    < close\n    use x\n",
     "either\n  < eof\nor\n  < close\n  < eof\n", 1},
    {"def x\n  # why\n  alive\n\n  alive\n\ncase a\n  clients 3\n    use x\n",
     "clients 3\n  alive\n  alive\n", 1},
    {"def x\n  role  server\n  > 101\n\ncase a\n  role  server\n  < GET\n  use x\n",
     "< GET\n> 101\n", 1},
    {"include \"login.wst\"\n\ncase a\n  use login\n",
     "> GET /login plain\n< 200\nlet secret token = json $.token\n", 1},
    {"include \"more.wst\"\n\ncase a\n  use both\n",
     "> GET /login plain\n< 200\nlet secret token = json $.token\nalive\n", 2},
    {"include \"more.wst\"\ninclude \"./login.wst\"\ninclude \"../d/more.wst\"\n\ncase a\n  bob "
     "use "
     "login\n",
     "bob> GET /login plain\nbob< 200\nbob let secret token = json $.token\n", 1},
    {"include \"2.wst\"\n\ncase a\n  use far\n", "alive\n", 1},
};

START_TEST(steps_stand_in_place)
{
    unsigned reads;
    struct script script = linked(good[_i].source, &reads);
    struct wsn_buffer out = {0};
    ck_assert_msg(script.errors.total == 0, "%s", script.errors.list[0].text);
    ck_assert_uint_eq(script.file->case_count, 1);
    print_all(&script.file->cases[0], &out);
    ck_assert_str_eq(out.p, good[_i].all);
    ck_assert_uint_eq(script.file->cases[0].used_count, good[_i].used);
    ck_assert_uint_eq(reads, script.file->source_count); /* each file once */
    wsn_buffer_drop(&out);
    drop_script(&script);
}
END_TEST

static const struct {
    const char *source, *message; /* its first line */
} bad[] = {
    {"case a\n  use x\n", "d/t.wst:2:7: error: no block above has the name `x`"},
    {"def login\n  alive\n\ncase a\n  use logni\n",
     "d/t.wst:5:7: error: no block has the name `logni`; did you mean `login`?"},
    {"def x\n  use x\n\ncase a\n  use x\n", "d/t.wst:2:7: error: no block above has the name `x`"},
    {"def x\n  use y\n\ndef y\n  alive\n\ncase a\n  alive\n",
     "d/t.wst:2:7: error: no block above has the name `y`"},
    {"def x\n  alive\n\ndef x\n  alive\n\ncase a\n  alive\n",
     "d/t.wst:4:1: error: a block with the name `x` exists already"},
    {"include \"login.wst\"\ninclude \"login-too.wst\"\n\ncase a\n  use login\n",
     "d/login-too.wst:1:1: error: a block with the name `login` exists already"},
    {"include \"none.wst\"\n\ncase a\n  alive\n", "d/t.wst:1:9: error: the file cannot be read"},
    {"include \"t.wst\"\n\ncase a\n  alive\n", "d/t.wst:1:9: error: the file includes itself"},
    {"include \"self.wst\"\n\ncase a\n  alive\n",
     "d/self.wst:1:9: error: the file includes itself"},
    {"include \"ping.wst\"\n\ncase a\n  alive\n",
     "d/pong.wst:1:9: error: the file is included by one that it includes"},
    {"include \"1.wst\"\n\ncase a\n  alive\n",
     "d/16.wst:1:9: error: at most 64 files can be included, 16 deep"},
    {"include \"cases.wst\"\n\ncase a\n  alive\n",
     "d/cases.wst:1:1: error: a file that is included has blocks, and no cases"},
    {"include \"broken.wst\"\n\ncase a\n  use bad\n",
     "d/broken.wst:5:3: error: expected a clause or a step, found `alvie`; did you mean `alive`?"},
    {"include \"login.wst\"\n\ncase a\n  role  server\n  use login\n",
     "d/t.wst:5:3: error: this block is for `role client`; here we play the server"},
    {"def x\n  role  server\n  > 101\n\ncase a\n  use x\n",
     "d/t.wst:6:3: error: this block is for `role server`"},
    {"case a\n  alive\n\ndef x\n  alive\n",
     "d/t.wst:4:1: error: `def` stands before the first `case`"},
    {"def x\n  alive\n\ninclude \"login.wst\"\n",
     "d/t.wst:4:1: error: `include` stands before the first `def`"},
    {"def x\n  title  X\n  alive\n\ncase a\n  use x\n",
     "d/t.wst:2:3: error: a block has steps, and no clause but `role`"},
    {"def x\n\ncase a\n  alive\n",
     "d/t.wst:1:5: error: expected steps below this line, in a deeper column"},
    {"def a/b\n  alive\n\ncase a\n  alive\n",
     "d/t.wst:1:5: error: expected a block's name (a letter, then letters, digits, `-` and `_`), "
     "found `a/b`"},
    {"include login.wst\n\ncase a\n  alive\n",
     "d/t.wst:1:9: error: expected a file's name in quotes, found `login.wst`"},
    {"include \"$x\"\n\ncase a\n  alive\n",
     "d/t.wst:1:9: error: expected a file's name, without variables"},
    {"case a\n  use\n",
     "d/t.wst:2:6: error: expected the name of a block that a `def` above begins, found the end of "
     "the line"},
    {"case a\n  let secret = json $.x\n  let secret\n  alive\n",
     "d/t.wst:3:13: error: expected `=`, found the end of the line"},
};

START_TEST(mistakes_have_a_place)
{
    unsigned reads;
    struct script script = linked(bad[_i].source, &reads);
    struct wsn_buffer out = {0};
    ck_assert_uint_eq(script.errors.total, 1);
    wsn_error_print(script.file, &script.errors.list[0], &out);
    *strchr(out.p, '\n') = '\0';
    ck_assert_str_eq(out.p, bad[_i].message);
    wsn_buffer_drop(&out);
    drop_script(&script);
}
END_TEST

/* Each block uses the one before ten times: without a bound that is 10^20 steps. */
START_TEST(blocks_are_bounded)
{
    struct wsn_buffer source = {0};
    unsigned reads;
    wsn_puts(&source, "def b0\n  alive\n");
    for (int i = 1; i <= 20; i++) {
        wsn_printf(&source, "\ndef b%d\n", i);
        for (int k = 0; k < 10; k++)
            wsn_printf(&source, "  use b%d\n", i - 1);
    }
    wsn_puts(&source, "\ncase a\n  use b20\n");
    struct script script = linked(source.p, &reads);
    ck_assert_uint_ge(script.errors.total, 1);
    ck_assert_str_eq(script.errors.list[0].text,
                     "the blocks make more than 10000 steps of this case");
    wsn_buffer_drop(&source);
    drop_script(&script);
}
END_TEST

START_TEST(depth_is_bounded)
{
    struct wsn_buffer source = {0};
    unsigned reads;
    wsn_puts(&source, "def b0\n  alive\n");
    for (int i = 1; i <= 33; i++)
        wsn_printf(&source, "\ndef b%d\n  repeat 2\n    use b%d\n", i, i - 1);
    wsn_puts(&source, "\ncase a\n  alive\n");
    struct script script = linked(source.p, &reads);
    ck_assert_uint_eq(script.errors.total, 1);
    ck_assert_str_eq(script.errors.list[0].text, "blocks stand in blocks more than 32 deep");
    wsn_buffer_drop(&source);
    drop_script(&script);
}
END_TEST

/* Arenas of every size: all of it, or an error. */
START_TEST(memory_ends)
{
    static const char source[] = "include \"more.wst\"\n\ndef x\n  use both\n\ncase a\n  use x\n";
    bool enough = false;
    for (size_t limit = 4096; !enough; limit += 512) {
        struct wsn_arena arena = {.limit = limit};
        struct wsn_errors errors = {0};
        unsigned reads = 0;
        struct wsn_file *file = wsn_parse(&arena, "d/t.wst", source, sizeof source - 1, &errors);
        ck_assert_uint_lt(limit, 1 << 22);
        if (file) {
            wsn_link(&arena, file, read_shelf, &reads, &errors);
            enough = errors.total == 0;
            ck_assert(file->case_count == 0 || file->cases[0].all_count == 4);
            ck_assert_uint_eq(file->case_count, enough ? 1 : 0);
        }
        wsn_arena_drop(&arena);
    }
}
END_TEST

Suite *link_suite(void)
{
    Suite *suite = suite_create("link");
    TCase *tests = tcase_create("link");
    ADD_ROWS(tests, steps_stand_in_place, good);
    ADD_ROWS(tests, mistakes_have_a_place, bad);
    tcase_add_test(tests, blocks_are_bounded);
    tcase_add_test(tests, depth_is_bounded);
    tcase_add_test(tests, memory_ends);
    suite_add_tcase(suite, tests);
    return suite;
}
