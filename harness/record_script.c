/* The steps of a recording, and the script that they make. */
#include "record_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsc/utf8.h>

/* ---- bytes ---- */

void wsh_record_collect(struct record_bytes *to, const uint8_t *data, size_t len, size_t ceiling)
{
    size_t room = ceiling - to->bytes.n;
    to->bytes.limit = ceiling + 1;
    wsn_put(&to->bytes, (const char *)data, len < room ? len : room);
    to->lost = to->lost || len > room || to->bytes.full;
}

void wsh_record_forget(struct record_bytes *bytes)
{
    wsn_buffer_drop(&bytes->bytes);
    *bytes = (struct record_bytes){0};
}

void wsh_record_drop_line(struct record_line *line)
{
    wsn_buffer_drop(&line->text);
    *line = (struct record_line){0};
}

/* ---- settings in bytes ---- */

struct place {
    size_t at, n;
    const struct wss_setting *setting; /* NULL: another form of one */
    size_t index;
};

static void nearer(struct place *best, const struct place *found)
{
    bool same = best->n && found->at == best->at;
    if (!best->n || found->at < best->at || (same && found->n > best->n))
        *best = *found;
}

static size_t find(const char *p, size_t n, const char *word, size_t length)
{
    for (size_t i = 0; length && i + length <= n; i++) {
        const char *at = memchr(p + i, word[0], n - i - length + 1);
        if (!at)
            return n;
        i = (size_t)(at - p);
        if (memcmp(at, word, length) == 0)
            return i;
    }
    return n;
}

/* The first value of a setting, as it is or in another form.  False: there is none. */
static bool next_place(const struct wsh_record *record, const char *p, size_t n,
                       struct place *place)
{
    const struct wss_settings *settings = &record->setup.settings;
    *place = (struct place){0};
    for (size_t i = 0; i < record->forms.count; i++) {
        const struct wsh_secret *form = &record->forms.list[i];
        size_t at = find(p, n, form->p, form->n);
        if (at < n)
            nearer(place, &(struct place){at, form->n, NULL, 0});
    }
    for (size_t i = 0; i < settings->count; i++) {
        const struct wss_setting *s = &settings->list[i];
        size_t at = find(p, n, s->value, s->length);
        bool first = !place->n || at < place->at || (at == place->at && s->length >= place->n);
        if (at < n && first)
            *place = (struct place){at, s->length, s, i};
    }
    return place->n > 0;
}

static void note_place(struct record_line *line, const struct place *place)
{
    if (place->setting)
        line->settings |= UINT64_C(1) << place->index;
    else
        line->hidden = true;
}

static const char hidden[] = "[left-out]";

/* ---- payloads ---- */

static void put_term(struct record_line *line, bool *first, const char *p, size_t n)
{
    wsn_puts(&line->text, *first ? "" : " + ");
    *first = false;
    wsn_print_bytes((const uint8_t *)p, n, &line->text);
}

static void put_with_settings(struct wsh_record *record, struct record_line *line, const char *p,
                              size_t n)
{
    struct place place;
    bool first = true;
    while (next_place(record, p, n, &place)) {
        note_place(line, &place);
        if (place.at)
            put_term(line, &first, p, place.at);
        if (place.setting) {
            wsn_printf(&line->text, "%s$%s", first ? "" : " + ", place.setting->name);
            first = false;
        } else {
            put_term(line, &first, hidden, sizeof hidden - 1);
        }
        p += place.at + place.n;
        n -= place.at + place.n;
    }
    if (n || first)
        put_term(line, &first, p, n);
}

/* The length of what the payload is a repetition of; 0: it is none. */
static size_t find_period(const uint8_t *data, size_t n)
{
    for (size_t period = 1; period <= 64 && 2 * period <= n; period++) {
        size_t i = period;
        while (i < n && data[i] == data[i - period])
            i++;
        if (i == n)
            return period;
    }
    return 0;
}

static void put_repeated(struct record_line *line, const uint8_t *data, size_t n, size_t period)
{
    size_t rest = n % period;
    wsn_print_bytes(data, period, &line->text);
    wsn_printf(&line->text, " * %zu", n / period);
    if (rest) {
        wsn_puts(&line->text, " + ");
        wsn_print_bytes(data, rest, &line->text);
    }
}

static bool put_file(struct wsh_record *record, struct record_line *line, const uint8_t *data,
                     size_t n)
{
    char name[300];
    const struct wsh_record_setup *setup = &record->setup;
    int length = snprintf(name, sizeof name, "%s-%zu.bin", setup->stem ? setup->stem : "",
                          record->file_count + 1);
    if (!setup->keep || (size_t)length >= sizeof name || n > RECORD_FILES_MAX - record->file_bytes)
        return false;
    if (!setup->keep(setup->context, name, data, n))
        return false;
    record->file_count++;
    record->file_bytes += n;
    wsn_puts(&line->text, "file(");
    wsn_print_bytes((const uint8_t *)name, (size_t)length, &line->text);
    wsn_puts(&line->text, ")");
    return true;
}

bool wsh_record_payload(struct wsh_record *record, struct record_line *line, const uint8_t *data,
                        size_t len, bool large)
{
    struct place place;
    size_t period = len > 64 ? find_period(data, len) : 0;
    if (!next_place(record, (const char *)data, len, &place)) {
        if (period) {
            put_repeated(line, data, len, period);
            return true;
        }
        if (large && len > RECORD_INLINE_MAX)
            return put_file(record, line, data, len);
    }
    put_with_settings(record, line, (const char *)data, len);
    return !line->text.full;
}

static bool is_plain(struct wsc_text text)
{
    if (text.n == 0 || text.n > 2000 || text.p[0] == ' ' || text.p[text.n - 1] == ' ')
        return false;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < ' ' || text.p[i] > '~')
            return false;
    return true;
}

static void put_plain(struct record_line *line, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        wsn_put(&line->text, p + i, 1);
        if (p[i] == '$')
            wsn_puts(&line->text, "$");
    }
}

bool wsh_record_innocent(const struct wsh_record *record, struct wsc_text text)
{
    struct place place;
    return !next_place(record, text.p, text.n, &place);
}

bool wsh_record_plain(struct wsh_record *record, struct record_line *line, struct wsc_text text)
{
    struct place place;
    const char *p = text.p;
    size_t n = text.n;
    if (!is_plain(text))
        return false;
    while (next_place(record, p, n, &place)) {
        note_place(line, &place);
        put_plain(line, p, place.at);
        if (place.setting)
            wsn_printf(&line->text, "${%s}", place.setting->name);
        else
            wsn_puts(&line->text, hidden);
        p += place.at + place.n;
        n -= place.at + place.n;
    }
    put_plain(line, p, n);
    return true;
}

/* ---- steps ---- */

enum { WAITED_MS = 1000 };

static bool has_room(struct wsh_record *record)
{
    if (record->part_steps < RECORD_STEPS_MAX && record->text_bytes < RECORD_TEXT_MAX)
        return true;
    if (!record->full)
        record->left_out++;
    record->full = true;
    return false;
}

static size_t add(struct wsh_record *record, const struct record_step *step)
{
    if (record->step_count == record->step_room) {
        size_t room = record->step_room ? 2 * record->step_room : 64;
        struct record_step *grown = realloc(record->steps, room * sizeof *grown);
        if (!grown) {
            free(step->first);
            record->failed = true;
            return SIZE_MAX;
        }
        record->steps = grown;
        record->step_room = room;
    }
    record->steps[record->step_count] = *step;
    record->part_steps++;
    record->text_bytes += strlen(step->first) + 32;
    return record->step_count++;
}

size_t wsh_record_step(struct wsh_record *record, struct record_conn *conn,
                       struct record_line *line, bool waited, uint64_t now)
{
    size_t index = SIZE_MAX;
    uint64_t gap = now - record->step_at;
    struct record_step step = {
        .conn = conn->id, .part = record->part, .settings = line->settings, .first = line->text.p};
    bool hides = line->hidden;
    if (waited && gap >= WAITED_MS)
        step.within_s = (unsigned)(gap > 3600000 ? 7200 : (2 * gap + 2999) / 1000);
    if (line->text.full || !line->text.p) {
        record->failed = record->failed || !line->text.p;
        wsh_record_drop_line(line);
        return SIZE_MAX;
    }
    if (!conn->over && !record->full && has_room(record)) {
        line->text = (struct wsn_buffer){0};
        index = add(record, &step);
        record->step_at = now;
    }
    wsh_record_drop_line(line);
    if (hides && index != SIZE_MAX)
        wsh_record_leave_out(record, conn, "another form of a setting's value in the step above");
    return index;
}

size_t wsh_record_word(struct wsh_record *record, struct record_conn *conn, const char *word,
                       bool waited, uint64_t now)
{
    struct record_line line = {0};
    wsn_puts(&line.text, word);
    return wsh_record_step(record, conn, &line, waited, now);
}

void wsh_record_deeper(struct wsh_record *record, size_t index, struct record_line *line)
{
    struct record_step *step = index == SIZE_MAX ? NULL : &record->steps[index];
    struct record_line all = {0};
    if (step && line->text.p && !line->text.full) {
        wsn_puts(&all.text, step->lines ? step->lines : "");
        wsn_printf(&all.text, "    %s\n", line->text.p);
        free(step->lines);
        step->lines = all.text.p;
        step->settings |= line->settings;
        record->text_bytes += line->text.n + 8;
        record->left_out += line->hidden;
        record->failed = record->failed || !step->lines;
    }
    wsh_record_drop_line(line);
}

void wsh_record_leave_out(struct wsh_record *record, struct record_conn *conn, const char *format,
                          ...)
{
    char text[300];
    va_list arguments;
    struct record_line line = {0};
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (conn->over || record->full)
        return;
    record->left_out++;
    wsn_printf(&line.text, "# left out: %s", text);
    wsh_record_step(record, conn, &line, false, record->step_at);
}

/* ---- the script ---- */

static bool is_comment(const struct record_step *step)
{
    return step->first[0] == '#';
}

struct part {
    size_t from, to; /* steps */
    size_t steps;    /* that are no comments */
    bool several;    /* connections */
    uint64_t settings;
    uint64_t waits_s;
};

static struct part part_at(const struct wsh_record *record, size_t from)
{
    struct part part = {.from = from, .to = from};
    const struct record_step *first = &record->steps[from];
    while (part.to < record->step_count && record->steps[part.to].part == first->part) {
        const struct record_step *step = &record->steps[part.to++];
        part.several = part.several || step->conn != first->conn;
        part.steps += !is_comment(step);
        part.settings |= step->settings;
        part.waits_s += step->within_s;
    }
    return part;
}

static void put_clauses(const struct wsh_record *record, const struct part *part, unsigned number,
                        struct wsn_buffer *out)
{
    const struct wss_settings *settings = &record->setup.settings;
    wsn_printf(out, "case %s", record->setup.id);
    if (record->setup.split)
        wsn_printf(out, "-%u", number);
    wsn_puts(out, "\n  title  The server does as it did when this was recorded\n");
    if (part->settings)
        wsn_puts(out, "  needs ");
    for (size_t i = 0; i < settings->count; i++)
        if (part->settings >> i & 1)
            wsn_printf(out, " %s", settings->list[i].name);
    wsn_puts(out, part->settings ? "\n" : "");
    if (part->waits_s > 20)
        wsn_printf(out, "  timeout %llus\n",
                   (unsigned long long)(part->waits_s > 80000 ? 86000 : part->waits_s + 60));
    wsn_puts(out, "\n");
}

static void put_name(const struct part *part, const struct record_step *step,
                     struct wsn_buffer *out)
{
    if (part->several)
        wsn_printf(out, "c%u", step->conn);
}

static void put_steps(const struct wsh_record *record, const struct part *part,
                      struct wsn_buffer *out)
{
    for (size_t i = part->from; i < part->to; i++) {
        const struct record_step *step = &record->steps[i];
        if (is_comment(step)) {
            wsn_printf(out, part->steps ? "  %s" : "%s", step->first);
            if (part->several)
                wsn_printf(out, " (c%u)", step->conn);
        } else {
            wsn_puts(out, "  ");
            put_name(part, step, out);
            wsn_puts(out, step->first);
            if (step->within_s)
                wsn_printf(out, " within %us", step->within_s);
        }
        wsn_puts(out, "\n");
        wsn_puts(out, step->lines ? step->lines : "");
    }
}

char *wsh_record_take(const struct wsh_record *record, size_t *length)
{
    struct wsn_buffer out = {.limit = 4 * (size_t)RECORD_TEXT_MAX};
    unsigned number = 0;
    wsn_printf(&out, "# Recorded before %s.\n", record->setup.target);
    for (size_t at = 0; at < record->step_count;) {
        struct part part = part_at(record, at);
        wsn_puts(&out, "\n");
        if (part.steps)
            put_clauses(record, &part, ++number, &out);
        put_steps(record, &part, &out);
        at = part.to;
    }
    if (record->full)
        wsn_puts(&out, "\n# left out: what came after so many steps\n");
    if (out.full || record->failed) {
        wsn_buffer_drop(&out);
        return NULL;
    }
    *length = out.n;
    return out.p;
}
