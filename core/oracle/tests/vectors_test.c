/* The oracle against corpus/vectors: right answers that were written by hand, from the RFCs. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/deflate.h>
#include <wso/heads.h>
#include <wso/inflate.h>

#include "vectors.h"

static const struct vector *vectors;
static size_t vector_count;

/* What was noted, against a list "name@at name …", in any order. */
struct noted {
    const struct wso_violation *list[256];
    struct wso_violation frames[256];
    size_t count;
};

static void compare(const struct vector *v, const struct noted *noted)
{
    char wanted[sizeof v->breaks], *rest = NULL;
    bool met[256] = {false};
    size_t count = 0, i;

    memcpy(wanted, v->breaks, sizeof wanted);
    for (char *one = strtok_r(wanted, " ", &rest); one; one = strtok_r(NULL, " ", &rest), count++) {
        char *at = strchr(one, '@');
        uint64_t offset = at ? strtoull(at + 1, NULL, 10) : 0;

        if (at)
            *at = '\0';
        for (i = 0; i < noted->count; i++) {
            if (!met[i] && strcmp(noted->list[i]->rule, one) == 0 &&
                (!at || noted->list[i]->at == offset))
                break;
        }
        ck_assert_msg(i < noted->count, "%s: %s@%d is not noted", v->name, one, (int)offset);
        met[i] = true;
    }
    for (i = 0; i < noted->count; i++)
        ck_assert_msg(met[i], "%s: %s@%d is noted", v->name, noted->list[i]->rule,
                      (int)noted->list[i]->at);
    ck_assert_uint_eq(count, noted->count);
}

static void note(void *context, const struct wso_violation *violation)
{
    struct noted *noted = context;

    ck_assert_uint_lt(noted->count, sizeof noted->frames / sizeof *noted->frames);
    noted->frames[noted->count] = *violation;
    noted->list[noted->count] = &noted->frames[noted->count];
    noted->count++;
}

/* What an endpoint sends that does its duty and nothing else, as hex; a client masks with zeros. */
struct sent {
    bool client;
    char hex[4096];
};

static void send(struct sent *sent, unsigned first, const uint8_t *data, size_t len)
{
    char *to = sent->hex + strlen(sent->hex);

    ck_assert_uint_lt(strlen(sent->hex) + 2 * len + 16, sizeof sent->hex);
    to += sprintf(to, "%02x%02x%s", first, (unsigned)len | (sent->client ? 0x80u : 0),
                  sent->client ? "00000000" : "");
    for (size_t i = 0; i < len; i++)
        to += sprintf(to, "%02x", data[i]);
}

static void owe(void *context, const struct wso_duty *duty)
{
    const uint8_t code[] = {(uint8_t)(duty->code >> 8), (uint8_t)duty->code};

    if (duty->kind == WSO_SEND_PONG)
        send(context, 0x8a, duty->data, duty->len);
    else if (duty->kind == WSO_SEND_CLOSE || duty->kind == WSO_FAIL)
        send(context, 0x88, code, duty->code == 0 ? 0 : 2);
}

enum { LARGEST = 1 << 20 };

/* What was agreed to, for the sender. */
static bool agreed(const struct vector *v, struct wso_deflate *deflate)
{
    static uint8_t room[WSO_WINDOW_MAX + LARGEST];
    struct wsc_deflate_terms terms;
    bool server = v->from == WSC_SERVER;
    unsigned bits;

    if (!wsc_deflate_read((struct wsc_text){v->agreed, strlen(v->agreed)}, true, &terms))
        return false;
    bits = server ? terms.server_max_window_bits : terms.client_max_window_bits;
    *deflate = (struct wso_deflate){
        .bits = bits == 0 ? 15 : bits,
        .takeover = !(server ? terms.server_no_context_takeover : terms.client_no_context_takeover),
        .room = room};
    return true;
}

static void check_frames(const struct vector *v)
{
    static uint8_t scratch[1 << 17];
    struct wso_deflate deflate;
    bool packed = agreed(v, &deflate);
    struct wso_stream stream = {.data = v->bytes,
                                .len = v->len,
                                .from_client = v->from == WSC_CLIENT,
                                .max_message = v->limit > 0 ? v->limit
                                               : packed     ? (uint64_t)LARGEST
                                                            : 0,
                                .scratch = scratch,
                                .deflate = packed ? &deflate : NULL};
    struct noted noted = {.count = 0};
    struct sent sent = {.client = v->from == WSC_SERVER};

    ck_assert_uint_le(v->len, sizeof scratch);
    wso_violations(&stream, note, &noted);
    if (v->has_breaks)
        compare(v, &noted);
    wso_duties(&stream, UINT64_MAX, owe, &sent);
    if (v->has_output)
        ck_assert_str_eq(sent.hex, v->output);
}

static void check_head(const struct vector *v)
{
    static struct wso_head head, request;
    struct noted noted = {.count = 0};

    if (v->kind == VECTOR_REQUEST) {
        wso_request(v->bytes, v->len, &head);
    } else {
        wso_request(v->request, v->request_len, &request);
        wso_response(v->bytes, v->len, &request, &head);
    }
    ck_assert(head.state == WSO_WHOLE || head.state == WSO_LOST);
    for (; noted.count < head.note_count; noted.count++)
        noted.list[noted.count] = &head.notes[noted.count];
    compare(v, &noted);
    if (v->kind == VECTOR_RESPONSE && v->verdict >= 0)
        ck_assert_int_eq(head.good, v->verdict);
    if (v->kind == VECTOR_REQUEST && v->verdict > 0 && v->verdict != 101)
        ck_assert_msg(wso_may_refuse(&head, (unsigned)v->verdict), "%s", v->name);
    if (v->kind == VECTOR_REQUEST && v->verdict >= 0)
        ck_assert_int_eq(head.good, v->verdict == 101);
}

START_TEST(vector_holds)
{
    if (vectors[_i].kind == VECTOR_FRAMES)
        check_frames(&vectors[_i]);
    else
        check_head(&vectors[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("oracle");
    TCase *tcase = tcase_create("vectors");
    SRunner *runner;
    int failed;

    vectors = vectors_load(&vector_count);
    tcase_add_loop_test(tcase, vector_holds, 0, (int)vector_count);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
