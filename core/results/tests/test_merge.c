#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/merge.h>

enum { CASES = 600 };

static char *id_of(unsigned n)
{
    return wsq_format("5.%u/case-%u", n % 9, n);
}

/* Shard `shard` of 3 of a plan of CASES; `probe` is what it says of a declared capability. */
static struct wsq_run make(unsigned shard, enum wsq_verdict probe)
{
    struct wsq_run run = {.complete = true, .shard = shard, .shards = 3, .whole = CASES, .seed = 7};
    struct wsq_case c = {.id = wsq_dup("probe/echo"), .verdict = probe};

    run.version = wsq_dup("1.0");
    run.ms = 10 * shard;
    run.watches = calloc(1, sizeof *run.watches);
    run.watches[run.watch_count++] = wsq_dup("watch/a");
    ck_assert(wsq_run_add(&run, &c));
    for (unsigned n = 0; n < CASES; n++) {
        c = (struct wsq_case){.id = id_of(n)};
        if (wsq_in_shard(c.id, shard, 3))
            ck_assert(wsq_run_add(&run, &c));
        wsq_case_drop(&c);
    }
    return run;
}

static void make_all(struct wsq_run runs[3])
{
    runs[0] = make(2, WSQ_PASS);
    runs[1] = make(3, WSQ_ERROR);
    runs[2] = make(1, WSQ_PASS);
}

static void drop_all(struct wsq_run runs[3])
{
    for (size_t i = 0; i < 3; i++)
        wsq_run_drop(&runs[i]);
}

START_TEST(every_case_has_one_shard_and_none_is_idle)
{
    size_t sizes[8] = {0};

    for (unsigned n = 0; n < CASES; n++) {
        char *id = id_of(n);
        unsigned in = 0;

        for (unsigned shard = 1; shard <= 7; shard++)
            if (wsq_in_shard(id, shard, 7)) {
                sizes[shard]++;
                in++;
            }
        ck_assert_uint_eq(in, 1);
        ck_assert(wsq_in_shard(id, 1, 1));
        free(id);
    }
    for (unsigned shard = 1; shard <= 7; shard++)
        ck_assert_msg(sizes[shard] > CASES / 14 && sizes[shard] < CASES / 4, "shard %u has %zu",
                      shard, sizes[shard]);
}
END_TEST

START_TEST(the_shards_are_the_plan)
{
    struct wsq_run runs[3], all;
    char error[200];

    make_all(runs);
    ck_assert_msg(wsq_merge(runs, 3, &all, error, sizeof error) == 0, "%s", error);
    ck_assert_uint_eq(all.case_count, CASES + 1);
    ck_assert_uint_eq(all.planned, CASES);
    ck_assert_uint_eq(all.watch_count, 1);
    ck_assert_str_eq(all.watches[0], "watch/a");
    ck_assert_uint_eq(all.shards, 0);
    ck_assert_uint_eq(all.ms, 30);
    ck_assert(all.complete);
    for (size_t i = 0; i < all.case_count; i++)
        if (strcmp(all.cases[i].id, "probe/echo") == 0)
            ck_assert_int_eq(all.cases[i].verdict, WSQ_ERROR);
    wsq_run_drop(&all);
    drop_all(runs);
}
END_TEST

START_TEST(an_end_that_was_not_reached_stays)
{
    struct wsq_run runs[3], all;
    char error[200];

    make_all(runs);
    runs[1].complete = false;
    runs[1].incomplete = wsq_dup("interrupted");
    ck_assert_int_eq(wsq_merge(runs, 3, &all, error, sizeof error), 0);
    ck_assert(!all.complete);
    ck_assert_str_eq(all.incomplete, "shard 3: interrupted");
    wsq_run_drop(&all);
    drop_all(runs);
}
END_TEST

/* ---- what is no union ---- */

static void no_shard(struct wsq_run *runs)
{
    runs[0].shards = runs[0].shard = 0;
}

static void other_plan(struct wsq_run *runs)
{
    runs[1].whole++;
}

static void other_version(struct wsq_run *runs)
{
    runs[1].version[0] = '2';
}

static void twice(struct wsq_run *runs)
{
    runs[1].shard = runs[0].shard;
}

static void a_fourth(struct wsq_run *runs)
{
    runs[0].shards = runs[1].shards = runs[2].shards = 4;
}

static void lost(struct wsq_run *runs)
{
    wsq_case_drop(&runs[1].cases[--runs[1].case_count]);
}

static void doubled(struct wsq_run *runs)
{
    free(runs[0].cases[1].id);
    runs[0].cases[1].id = wsq_dup(runs[1].cases[1].id);
}

static const struct {
    void (*spoil)(struct wsq_run *runs);
    const char *error;
} spoilt[] = {
    {no_shard, "journal 1: expected the run of a shard"},
    {other_plan, "journal 2: shard 3 of 3 with 601 cases"},
    {other_version, "by version 2.0"},
    {twice, "journal 2: shard 2 is there twice"},
    {a_fourth, "shard 4 of 4 is missing"},
    {lost, "the shards have 599 cases together, expected 600"},
    {doubled, "was run by two shards"},
};

START_TEST(what_is_no_union_is_refused)
{
    struct wsq_run runs[3], all;
    char error[200] = "";

    make_all(runs);
    spoilt[_i].spoil(runs);
    ck_assert_int_eq(wsq_merge(runs, 3, &all, error, sizeof error), -1);
    ck_assert_msg(strstr(error, spoilt[_i].error), "%s", error);
    ck_assert_uint_eq(all.case_count, 0);
    drop_all(runs);
}
END_TEST

START_TEST(nothing_is_no_union)
{
    struct wsq_run all;
    char error[200];

    ck_assert_int_eq(wsq_merge(NULL, 0, &all, error, sizeof error), -1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge");
    TCase *shards = tcase_create("shards");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(shards, every_case_has_one_shard_and_none_is_idle);
    tcase_add_test(shards, the_shards_are_the_plan);
    tcase_add_test(shards, an_end_that_was_not_reached_stays);
    tcase_add_loop_test(shards, what_is_no_union_is_refused, 0, sizeof spoilt / sizeof spoilt[0]);
    tcase_add_test(shards, nothing_is_no_union);
    suite_add_tcase(suite, shards);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
