/* Every vector of corpus/vectors, and that together they break every rule there is. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wsc/handshake.h>

#include "conn_log.h"
#include "feed.h"
#include "vectors.h"

static const struct vector *vectors;
static size_t vector_count;

/* Compares what was noted with a list "name@at name …", in any order. */
static void check_findings(const struct vector *v, const struct wsc_findings *f, const char *how)
{
    char wanted[sizeof v->breaks], *rest = NULL;
    bool met[WSC_FINDINGS_MAX] = {false};
    size_t count = 0;
    strcpy(wanted, v->breaks);
    for (char *one = strtok_r(wanted, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
        char *at = strchr(one, '@');
        uint64_t offset = at != NULL ? strtoull(at + 1, NULL, 10) : 0;
        size_t i = 0;
        if (at != NULL)
            *at = '\0';
        while (i < f->count && (met[i] || strcmp(wsc_rule_info(f->list[i].rule)->name, one) != 0 ||
                                (at != NULL && f->list[i].at != offset)))
            i++;
        ck_assert_msg(i < f->count, "%s: %s@%d is not noted (%s)", v->name, one,
                      at != NULL ? (int)offset : -1, how);
        met[i] = true;
        count++;
    }
    for (size_t i = 0; i < f->count; i++) {
        ck_assert_msg(met[i], "%s: %s@%d is noted (%s)", v->name,
                      wsc_rule_info(f->list[i].rule)->name, (int)f->list[i].at, how);
        ck_assert(wsc_findings_had_occasion(f, f->list[i].rule));
    }
    ck_assert_uint_eq(f->total, count);
}

/* Frames. */

struct frames_run {
    const struct vector *vector;
    struct wsc_scan scan;
    struct wsc_check check;
    struct wsc_findings findings;
    struct wsc_deflate_terms terms;
    struct wsc_inflate *inflate; /* the observer's */
    struct conn_log *log;
};

static void frames_begin(void *context)
{
    struct frames_run *run = context;
    const struct vector *v = run->vector;
    bool agreed = v->agreed[0] != '\0';
    struct wsc_text text = {v->agreed, strlen(v->agreed)};
    if (agreed)
        ck_assert_msg(wsc_deflate_read(text, true, &run->terms), "%s", v->name);
    memset(&run->scan, 0, sizeof run->scan);
    memset(&run->findings, 0, sizeof run->findings);
    wsc_check_init(&run->check, v->from);
    run->check.deflate = agreed;
    wsc_inflate_free(run->inflate);
    run->inflate =
        agreed ? wsc_inflate_new(&heap, v->from, &run->terms, WSC_INFLATE_OBSERVE) : NULL;
    conn_log_begin(run->log, v->from == WSC_CLIENT ? WSC_SERVER : WSC_CLIENT, v->limit,
                   agreed ? &run->terms : NULL);
}

/* What an observer does with a piece of a compressed message. */
static void observe(struct frames_run *run, const struct wsc_piece *piece)
{
    const uint8_t *data;
    size_t len;
    if (!run->check.compressed || wsc_is_control(piece->frame.opcode))
        return;
    if (piece->first && piece->frame.opcode != WSC_CONT)
        wsc_inflate_begin(run->inflate, piece->frame.opcode, piece->at, run->vector->limit);
    wsc_inflate_feed(run->inflate, piece);
    while (wsc_inflate_next(run->inflate, &data, &len, &run->findings) == WSC_INFLATED)
        ck_assert_uint_ne(len, 0);
}

static void frames_piece(void *context, uint8_t *bytes, size_t len)
{
    struct frames_run *run = context;
    static uint8_t copy[1 << 17];
    ck_assert_uint_le(len, sizeof copy);
    memcpy(copy, bytes, len);
    conn_log_feed(run->log, bytes, len);
    struct wsc_piece piece;
    size_t at = 0, used;
    while (wsc_scan_next(&run->scan, copy + at, len - at, &used, &piece)) {
        wsc_check_piece(&run->check, &piece, &run->findings);
        observe(run, &piece);
        at += used;
    }
    ck_assert_uint_eq(at + used, len);
}

static void frames_end(void *context, const char *how)
{
    struct frames_run *run = context;
    const struct vector *v = run->vector;
    ck_assert_uint_eq(run->scan.offset, v->len);
    if (v->has_breaks)
        check_findings(v, &run->findings, how);
    if (v->has_events)
        ck_assert_msg(strcmp(run->log->text, v->events) == 0, "%s (%s):\n%s\ninstead of\n%s",
                      v->name, how, run->log->text, v->events);
    if (v->has_output)
        ck_assert_msg(strcmp(run->log->output, v->output) == 0, "%s (%s): wrote %s instead of %s",
                      v->name, how, run->log->output, v->output);
}

static void run_frames(const struct vector *v)
{
    static struct conn_log log;
    struct frames_run run = {.vector = v, .log = &log};
    struct feed f = {frames_begin, frames_piece, frames_end, &run};
    feed(&f, v->bytes, v->len);
    wsc_inflate_free(run.inflate);
    conn_log_begin(&log, WSC_SERVER, 0, NULL);
}

/* Heads.  A head that comes in pieces is read anew from its start each time. */

static enum wsc_http read_head(const struct vector *v, size_t len, struct wsc_head *head,
                               struct wsc_findings *findings)
{
    const uint8_t *bytes = guarded(v->bytes, len);
    return v->kind == VECTOR_REQUEST ? wsc_http_request(bytes, len, 8192, head, findings)
                                     : wsc_http_response(bytes, len, 8192, head, findings);
}

static void check_request(const struct vector *v, const struct wsc_head *head,
                          struct wsc_findings *findings)
{
    struct wsc_answer answer;
    bool good = wsc_request_check(head, findings);
    wsc_server_answer(head, findings, NULL, &answer);
    ck_assert_int_eq(good, answer.status == 101);
    if (v->verdict >= 0)
        ck_assert_int_eq((int)answer.status, v->verdict);
    wsc_server_answer(head, NULL, NULL, &answer);
    ck_assert_int_eq(good, answer.status == 101);
}

static void check_response(const struct vector *v, const struct wsc_head *head,
                           struct wsc_findings *findings)
{
    static struct wsc_head request;
    ck_assert_int_ne(wsc_http_request(v->request, v->request_len, 8192, &request, NULL),
                     WSC_HTTP_MORE);
    bool good = wsc_response_check(&request, head, findings);
    if (v->verdict >= 0)
        ck_assert_int_eq(good, v->verdict);
    ck_assert(!good || wsc_response_check(NULL, head, NULL));
}

static void run_head(const struct vector *v)
{
    static struct wsc_head head;
    struct wsc_findings findings = {0};
    enum wsc_http state = WSC_HTTP_MORE;
    size_t len = 0;
    while (state == WSC_HTTP_MORE && len < v->len) {
        ck_assert_uint_eq(findings.total, 0);
        state = read_head(v, ++len, &head, &findings);
    }
    struct wsc_findings whole = {0};
    ck_assert_int_eq(read_head(v, v->len, &head, &whole), state);
    ck_assert_uint_eq(whole.total, findings.total);
    ck_assert(memcmp(whole.occasions, findings.occasions, sizeof whole.occasions) == 0);
    if (state == WSC_HTTP_DONE) {
        ck_assert_uint_eq(len, v->len);
        ck_assert_uint_eq(head.length, v->len);
        if (v->kind == VECTOR_REQUEST)
            check_request(v, &head, &findings);
        else
            check_response(v, &head, &findings);
    } else {
        ck_assert_int_eq(state, WSC_HTTP_BROKEN);
        ck_assert_int_le(v->verdict, 0);
    }
    check_findings(v, &findings, "head");
}

START_TEST(vector_holds)
{
    const struct vector *v = &vectors[_i];
    if (v->kind == VECTOR_FRAMES)
        run_frames(v);
    else
        run_head(v);
}
END_TEST

/* One of them says where. */
START_TEST(rule_is_broken_by_a_vector)
{
    const char *name = wsc_rule_info((enum wsc_rule)_i)->name;
    size_t n = strlen(name);
    bool found = false;
    for (size_t i = 0; i < vector_count && !found; i++)
        for (const char *at = vectors[i].breaks; (at = strstr(at, name)) != NULL; at += n)
            if ((at == vectors[i].breaks || at[-1] == ' ') && at[n] == '@')
                found = true;
    ck_assert_msg(found, "no vector breaks %s at a place", name);
}
END_TEST

int main(void)
{
    vectors = vectors_load(&vector_count);
    Suite *suite = suite_create("vectors");
    TCase *tcase = tcase_create("vectors");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, vector_holds, 0, (int)vector_count);
    tcase_add_loop_test(tcase, rule_is_broken_by_a_vector, 1, WSC_RULE_COUNT);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
