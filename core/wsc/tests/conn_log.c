#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conn_log.h"

static void *heap_allocate(void *context, size_t size)
{
    (void)context;
    return malloc(size);
}

static void heap_release(void *context, void *memory)
{
    (void)context;
    free(memory);
}

const struct wsc_memory heap = {heap_allocate, heap_release, NULL};

static void zero_key(void *context, uint8_t key[4])
{
    (void)context;
    memset(key, 0, 4);
}

void conn_log_begin(struct conn_log *log, enum wsc_role role, uint64_t max_message,
                    const struct wsc_deflate_terms *agreed)
{
    struct wsc_conn_config config = {.role = role, .max_message = max_message, .key = zero_key};
    wsc_inflate_free(log->inflate);
    wsc_deflate_free(log->deflate);
    log->inflate = NULL;
    log->deflate = NULL;
    if (agreed != NULL) {
        enum wsc_role peer = role == WSC_CLIENT ? WSC_SERVER : WSC_CLIENT;
        log->inflate = wsc_inflate_new(&heap, peer, agreed, WSC_INFLATE_STRICT);
        log->deflate = wsc_deflate_new(&heap, role, agreed, 6);
        ck_assert(log->inflate != NULL && log->deflate != NULL);
    }
    config.inflate = log->inflate;
    config.deflate = log->deflate;
    log->open = false;
    log->len = log->output_len = 0;
    log->text[0] = log->output[0] = '\0';
    wsc_conn_init(&log->conn, &config, log->out, sizeof log->out);
}

/* Check's own assertions are slow, and this runs for every byte. */
static void put(struct conn_log *log, const char *text)
{
    size_t n = strlen(text);
    if (log->len + n >= sizeof log->text)
        ck_abort_msg("more text than the log holds");
    memcpy(log->text + log->len, text, n + 1);
    log->len += n;
}

static void put_hex(struct conn_log *log, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        char two[3] = {digits[data[i] >> 4], digits[data[i] & 15], '\0'};
        put(log, two);
    }
}

static void new_line(struct conn_log *log)
{
    if (log->len != 0)
        put(log, "\n");
    log->open = false;
}

/* Pieces of one message make one line as long as nothing comes between them. */
static void put_data(struct conn_log *log, const struct wsc_event *event)
{
    if (!log->open || event->first) {
        if (event->len == 0 && !event->first && !event->last)
            return;
        new_line(log);
        put(log, event->opcode == WSC_TEXT ? "text " : "binary ");
    }
    if (event->first)
        put(log, "[");
    put_hex(log, event->data, event->len);
    if (event->last)
        put(log, "]");
    log->open = !event->last;
}

static void put_event(struct conn_log *log, const struct wsc_event *event)
{
    char word[64];
    if (event->kind == WSC_EVENT_DATA) {
        put_data(log, event);
        return;
    }
    new_line(log);
    switch (event->kind) {
    case WSC_EVENT_DATA:
        return;
    case WSC_EVENT_PING:
        put(log, event->len != 0 ? "ping " : "ping");
        put_hex(log, event->data, event->len);
        return;
    case WSC_EVENT_PONG:
        put(log, event->len != 0 ? "pong " : "pong");
        put_hex(log, event->data, event->len);
        return;
    case WSC_EVENT_CLOSE:
        snprintf(word, sizeof word, event->len != 0 ? "close %u " : "close %u", event->code);
        put(log, word);
        put_hex(log, event->data, event->len);
        return;
    case WSC_EVENT_FAIL:
        snprintf(word, sizeof word, "fail %u %s", event->code,
                 event->violation.rule != WSC_RULE_NONE ? wsc_rule_info(event->violation.rule)->name
                                                        : "limit");
        put(log, word);
        return;
    }
}

void conn_log_flush(struct conn_log *log)
{
    const uint8_t *bytes;
    size_t n = wsc_conn_output(&log->conn, &bytes);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_lt(log->output_len + 2, sizeof log->output);
        snprintf(log->output + log->output_len, 3, "%02x", bytes[i]);
        log->output_len += 2;
    }
    wsc_conn_written(&log->conn, n);
}

void conn_log_feed(struct conn_log *log, uint8_t *bytes, size_t len)
{
    struct wsc_event event;
    wsc_conn_feed(&log->conn, bytes, len);
    do {
        while (wsc_conn_next(&log->conn, &event))
            put_event(log, &event);
        conn_log_flush(log);
    } while (!wsc_conn_hungry(&log->conn));
}
