/* Law 6: a peer that takes liberties fails no case, and none warns but where the liberty's row says
 * so.  One by one, all that go together, and at random:
 *
 *     WSPROOF_WHOLE=1 wsh_liberties_test                # 200 combinations, all cases each
 *     WSPROOF_COMBINATIONS=200 wsh_liberties_test       # the seeds 1 to 200, all cases each
 *     WSPROOF_COMBINATIONS=17-17 wsh_liberties_test     # seed 17 again
 *     WSPROOF_SHARE=4 wsh_liberties_test                # each liberty, a fourth of the cases
 *     WSPROOF_LIBERTIES=slow,push wsh_liberties_test    # these together, all cases
 */
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsh/select.h>
#include <wsp/chance.h>

enum { LIBERTIES_MAX = 128, LIST_MAX = 4096 };

/* A set of liberties, outermost first. */
struct set {
    const struct wsp_filter_info *list[LIBERTIES_MAX];
    size_t count;
};

static bool agrees(const struct set *set, const struct wsp_filter_info *liberty)
{
    for (size_t i = 0; i < set->count; i++)
        if (!wsp_liberties_agree(set->list[i], liberty))
            return false;
    return set->count < LIBERTIES_MAX;
}

static void join(struct set *set, const struct wsp_filter_info *liberty)
{
    if (agrees(set, liberty))
        set->list[set->count++] = liberty;
}

/* "a,b,c", as `wsproof peer --liberty` takes it. */
static const char *name_of(const struct set *set)
{
    static char text[LIST_MAX];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < set->count; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i ? "," : "", set->list[i]->id);
    return text;
}

static bool names(const char *ids, const char *id)
{
    size_t n = strlen(id);
    for (const char *at = strstr(ids, id); at; at = strstr(at + 1, id))
        if ((at == ids || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

static bool is_allowed(const struct set *set, const char *requirement)
{
    for (size_t i = 0; requirement && i < set->count; i++)
        if (names(set->list[i]->warns, requirement))
            return true;
    return false;
}

/* Each fault of the case is charged to a requirement that a liberty of the set puts aside. */
static bool may_warn(const struct set *set, const struct wsq_case *c)
{
    for (size_t i = 0; i < c->fault_count; i++)
        if (c->faults[i].verdict >= WSQ_WARN && !is_allowed(set, c->faults[i].requirement))
            return false;
    for (size_t i = 0; c->watch && i < c->violation_count; i++)
        if (!is_allowed(set, c->violations[i].requirement))
            return false;
    return c->fault_count + c->violation_count > 0;
}

static bool is_bad(const struct set *set, const struct wsq_case *c)
{
    switch (c->verdict) {
    case WSQ_PASS:
    case WSQ_INFO:
    case WSQ_SKIP:
        return false;
    case WSQ_WARN:
        return !may_warn(set, c);
    case WSQ_FAIL:
    case WSQ_FLAKY:
    case WSQ_ERROR:
        break;
    }
    return true;
}

/* Says what is wrong with the first few; returns how many are. */
static size_t complain(const struct set *set, const struct wsq_run *run)
{
    size_t wrong = 0;
    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];
        if (!is_bad(set, c) || ++wrong > 200)
            continue;
        fprintf(stderr, "%s: %s: %s, charged to %s: %s\n", set->count == 1 ? set->list[0]->id : "",
                c->id, wsq_verdict_name(c->verdict),
                c->fault_count && c->faults[0].requirement ? c->faults[0].requirement : "nothing",
                c->reason ? c->reason : "");
        if (wrong == 1 && c->transcript)
            fprintf(stderr, "%s\n", c->transcript);
    }
    return wrong;
}

static void run_set(struct suite_run *suite, const struct set *set, unsigned share, unsigned part,
                    uint64_t seed)
{
    const char *filters[LIBERTIES_MAX + 1];
    for (size_t i = 0; i < set->count; i++)
        filters[i] = set->list[i]->id;
    filters[set->count] = NULL;
    suite_run_peer(suite, filters, share, part, seed);
}

static bool is_charged(const struct wsq_run *run, const char *requirement)
{
    for (size_t i = 0; i < run->case_count; i++)
        for (size_t k = 0; k < run->cases[i].fault_count; k++)
            if (run->cases[i].verdict == WSQ_WARN && run->cases[i].faults[k].requirement &&
                strcmp(run->cases[i].faults[k].requirement, requirement) == 0)
                return true;
    return false;
}

/* What the row puts aside is warned of. */
static void check_warns(const struct wsp_filter_info *liberty, const struct wsq_run *run)
{
    char list[LIST_MAX], *save = NULL;
    snprintf(list, sizeof list, "%s", liberty->warns);
    for (char *id = strtok_r(list, " ", &save); id; id = strtok_r(NULL, " ", &save))
        ck_assert_msg(is_charged(run, id), "%s: no case warns of %s", liberty->id, id);
}

START_TEST(one_liberty_fails_nothing)
{
    struct set set = {.list = {wsp_liberty_at((size_t)_i)}, .count = 1};
    struct suite_run suite;
    const char *text = getenv("WSPROOF_SHARE");
    unsigned parts = text ? (unsigned)strtoul(text, NULL, 10) : 0;
    run_set(&suite, &set, parts, parts ? (unsigned)_i % parts : 0, 1);
    ck_assert_int_eq(suite.end, WSH_COMPLETE);
    size_t wrong = complain(&set, &suite.run);
    ck_assert_msg(wrong == 0, "%zu cases fault a peer that takes the liberty %s", wrong,
                  set.list[0]->id);
    if (!parts) {
        ck_assert_msg(suite.fired > 0, "%s: no case gives occasion for it", set.list[0]->id);
        check_warns(set.list[0], &suite.run);
    }
    suite_drop(&suite);
}
END_TEST

static void check_set(const struct set *set, unsigned share, unsigned part, uint64_t seed)
{
    struct suite_run suite;
    run_set(&suite, set, share, part, seed);
    size_t wrong = suite.end == WSH_COMPLETE ? complain(set, &suite.run) : 1;
    suite_drop(&suite);
    ck_assert_msg(wrong == 0, "%zu cases fault the peer --seed %llu --liberty %s", wrong,
                  (unsigned long long)seed, name_of(set));
}

static size_t count_liberties(void)
{
    size_t count = 0;
    while (wsp_liberty_at(count))
        count++;
    return count;
}

/* Of the cases one part in so many; 0: all. */
static unsigned share;

/* Of the liberties that exclude each other, how many there are before `end`. */
static size_t rivals(const struct wsp_filter_info *liberty, size_t end)
{
    size_t count = 0;
    for (size_t i = 0; i < end; i++)
        count += liberty->choice[0] && strcmp(wsp_liberty_at(i)->choice, liberty->choice) == 0;
    return count;
}

/* As many sets as the widest choice has liberties: each liberty is in one at least. */
static size_t widest_choice(void)
{
    size_t widest = 1, count = count_liberties();
    for (size_t i = 0; i < count; i++) {
        size_t width = rivals(wsp_liberty_at(i), count);
        widest = width > widest ? width : widest;
    }
    return widest;
}

START_TEST(all_liberties_fail_nothing)
{
    struct set set = {.count = 0};
    size_t count = count_liberties();
    for (size_t i = 0; i < count; i++) {
        size_t width = rivals(wsp_liberty_at(i), count);
        if (width == 0 || rivals(wsp_liberty_at(i), i) == (size_t)_i % width)
            join(&set, wsp_liberty_at(i));
    }
    check_set(&set, share * 2, (unsigned)_i, 1);
}
END_TEST

static void draw_set(struct set *set, uint64_t seed)
{
    uint64_t state = seed;
    size_t count = count_liberties(), wanted = 2 + wsp_chance(&state) % 11;
    set->count = 0;
    while (set->count < wanted)
        join(set, wsp_liberty_at(wsp_chance(&state) % count));
}

static unsigned first_seed = 1, last_seed;

START_TEST(a_combination_fails_nothing)
{
    uint64_t seed = (uint64_t)_i;
    struct set set;
    draw_set(&set, seed);
    check_set(&set, share, share ? (unsigned)(seed % share) : 0, seed);
}
END_TEST

START_TEST(the_named_fail_nothing)
{
    struct set set = {.count = 0};
    char list[LIST_MAX], *save = NULL;
    snprintf(list, sizeof list, "%s", getenv("WSPROOF_LIBERTIES"));
    for (char *id = strtok_r(list, ",", &save); id; id = strtok_r(NULL, ",", &save)) {
        const struct wsp_filter_info *liberty = wsp_filter(id);
        ck_assert_msg(liberty && agrees(&set, liberty), "%s is no liberty, or excludes another",
                      id);
        set.list[set.count++] = liberty;
    }
    check_set(&set, 0, 0, 1);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *test, int first, int count)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, test, first, first + count);
    suite_add_tcase(suite, tcase);
}

/* "200" or "17-17"; without it a few seeds, with a part of the cases each. */
static void read_seeds(const char *text)
{
    if (!text && !getenv("WSPROOF_WHOLE")) {
        last_seed = 12;
        share = 3;
        return;
    }
    if (!text)
        text = "200";
    if (sscanf(text, "%u-%u", &first_seed, &last_seed) != 2) {
        first_seed = 1;
        last_seed = (unsigned)strtoul(text, NULL, 10);
    }
}

int main(void)
{
    read_seeds(getenv("WSPROOF_COMBINATIONS"));
    suite_small_plan(); /* once, before the tests fork */
    Suite *suite = suite_create("liberties");
    if (getenv("WSPROOF_LIBERTIES"))
        add(suite, "named", the_named_fail_nothing, 0, 1);
    add(suite, "one", one_liberty_fails_nothing, 0, (int)count_liberties());
    add(suite, "all", all_liberties_fail_nothing, 0, (int)widest_choice());
    add(suite, "combinations", a_combination_fails_nothing, (int)first_seed,
        (int)(last_seed - first_seed + 1));
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    suite_prove(runner, "one", "liberties that no case wrongs");
    suite_prove(runner, "all", "sets of all liberties that go together, wronged by none");
    suite_prove(runner, "combinations", "sets drawn from a seed, wronged by none");
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
