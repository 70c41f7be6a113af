#include <wsq/journal.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/text.h>

#include "shape.h"

#define SCHEMA 1 /* raised when a reader of the old form would misread the new */

/* ---- writing ---- */

static json_t *typed(const char *type)
{
    json_t *object = json_object();

    if (json_object_set_new(object, "type", json_string(type)) < 0) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* Takes the object over and gives its text. */
static char *line_of(json_t *object, const struct wsq_shape *shape, const void *from)
{
    json_t *full = object ? wsq_shape_write(shape, from, object) : NULL;
    char *line = full ? json_dumps(full, JSON_COMPACT) : NULL;

    json_decref(full);
    json_decref(object);
    return line;
}

char *wsq_journal_begin(const struct wsq_run *run)
{
    json_t *object = typed("run");

    if (json_object_set_new(object, "schema", json_integer(SCHEMA)) < 0) {
        json_decref(object);
        return NULL;
    }
    return line_of(object, &wsq_run_shape, run);
}

char *wsq_journal_case(const struct wsq_case *c)
{
    return line_of(typed("case"), &wsq_case_shape, c);
}

char *wsq_journal_end(const struct wsq_run *run)
{
    return line_of(typed("end"), &wsq_end_shape, run);
}

/* ---- the document ---- */

static json_t *totals_json(const struct wsq_run *run)
{
    struct wsq_totals totals;
    json_t *object = json_object();
    int bad = 0;

    wsq_totals(run, &totals);
    for (int v = 0; v <= WSQ_ERROR; v++)
        bad |= json_object_set_new(object, wsq_verdict_name((enum wsq_verdict)v),
                                   json_integer((json_int_t)totals.of[v]));
    bad |= json_object_set_new(object, "judged", json_integer((json_int_t)totals.judged));
    bad |= json_object_set_new(object, "unexpected", json_integer((json_int_t)totals.unexpected));
    bad |= json_object_set_new(object, "expected_faults",
                               json_integer((json_int_t)totals.expected_faults));
    if (bad) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static int add_requirement(json_t *into, const char *id)
{
    const struct wsq_requirement *row = wsq_requirement(id);

    if (!row || json_object_get(into, row->id))
        return 0;
    return json_object_set_new(into, row->id,
                               json_pack("{s:s, s:s, s:s, s:s, s:s?}", "rfc", row->rfc, "section",
                                         row->section, "level", row->level, "statement",
                                         row->statement, "fix", *row->fix ? row->fix : NULL));
}

static json_t *requirements_json(const struct wsq_run *run)
{
    json_t *object = json_object();
    int bad = object ? 0 : -1;

    for (size_t i = 0; i < run->case_count; i++) {
        const struct wsq_case *c = &run->cases[i];

        for (size_t k = 0; k < c->cite_count; k++)
            bad |= add_requirement(object, c->cites[k]);
        for (size_t k = 0; k < c->fault_count; k++)
            bad |= add_requirement(object, c->faults[k].requirement);
        for (size_t k = 0; k < c->violation_count; k++)
            bad |= add_requirement(object, c->violations[k].requirement);
    }
    if (bad) {
        json_decref(object);
        return NULL;
    }
    return object;
}

static json_t *cases_json(const struct wsq_run *run)
{
    json_t *array = json_array();

    for (size_t i = 0; i < run->case_count; i++)
        if (json_array_append_new(array, wsq_shape_write(&wsq_case_shape, &run->cases[i], NULL)) <
            0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

/* Jansson's setters take over even what they fail to set, and fail when either side is NULL. */
json_t *wsq_run_json(const struct wsq_run *run)
{
    json_t *object = typed("report");
    int bad = json_object_set_new(object, "schema", json_integer(SCHEMA));

    for (int pass = 0; pass < 2 && !bad; pass++) {
        json_t *same = wsq_shape_write(pass == 0 ? &wsq_run_shape : &wsq_end_shape, run, object);

        bad = same ? 0 : -1;
        json_decref(same);
    }
    bad |= json_object_set_new(object, "as_expected", json_boolean(wsq_run_as_expected(run)));
    bad |= json_object_set_new(object, "totals", totals_json(run));
    bad |= json_object_set_new(object, "cases", cases_json(run));
    bad |= json_object_set_new(object, "requirements", requirements_json(run));
    if (bad) {
        json_decref(object);
        return NULL;
    }
    return object;
}

/* ---- reading ---- */

struct reader {
    struct wsq_run *run;
    size_t line; /* read so far */
    bool began, ended;
    char *error;
    size_t size;
};

static int refuse(struct reader *reader, const char *what)
{
    struct wsq_text text = {0};
    char *shown;

    wsq_text_visible(&text, what, strlen(what));
    shown = wsq_text_take(&text, NULL);
    snprintf(reader->error, reader->size, "line %zu: %s", reader->line ? reader->line : 1,
             shown ? shown : "");
    free(shown);
    return -1;
}

static int take_run(struct reader *reader, json_t *json, char *error, size_t size)
{
    json_t *schema = json_object_get(json, "schema");

    if (reader->began)
        return refuse(reader, "a second run in one journal");
    if (!json_is_integer(schema) || json_integer_value(schema) != SCHEMA)
        return refuse(reader, "written by another version: expected \"schema\":1");
    reader->began = true;
    return wsq_shape_read(&wsq_run_shape, json, reader->run, error, size) < 0
               ? refuse(reader, error)
               : 0;
}

static int take_case(struct reader *reader, json_t *json, char *error, size_t size)
{
    struct wsq_case c = {0};
    int bad = wsq_shape_read(&wsq_case_shape, json, &c, error, size);

    if (bad == 0 && !wsq_run_add(reader->run, &c)) {
        snprintf(error, size, "out of memory");
        bad = -1;
    }
    wsq_case_drop(&c);
    return bad < 0 ? refuse(reader, error) : 0;
}

static int take_end(struct reader *reader, json_t *json, char *error, size_t size)
{
    reader->ended = true;
    return wsq_shape_read(&wsq_end_shape, json, reader->run, error, size) < 0
               ? refuse(reader, error)
               : 0;
}

static int take_object(struct reader *reader, json_t *json)
{
    const char *type = json_string_value(json_object_get(json, "type"));
    char error[400];

    if (!type)
        return refuse(reader, "expected an object with a \"type\"");
    if (reader->ended)
        return refuse(reader, "the run has ended above");
    if (strcmp(type, "run") == 0)
        return take_run(reader, json, error, sizeof error);
    if (!reader->began)
        return refuse(reader, "expected the run before its cases");
    if (strcmp(type, "case") == 0)
        return take_case(reader, json, error, sizeof error);
    if (strcmp(type, "end") == 0)
        return take_end(reader, json, error, sizeof error);
    return refuse(reader, "\"type\" is none of run, case and end");
}

static int take_line(struct reader *reader, const char *p, size_t n)
{
    json_error_t broken;
    json_t *json = json_loadb(p, n, JSON_REJECT_DUPLICATES, &broken);
    int result = json ? take_object(reader, json) : refuse(reader, broken.text);

    json_decref(json);
    return result;
}

static int take_lines(struct reader *reader, const char *text, size_t length)
{
    const char *end = text + length, *stop;

    for (const char *p = text; p < end; p = stop + 1) {
        stop = memchr(p, '\n', (size_t)(end - p));
        if (!stop) {
            reader->ended = false;
            break;
        }
        reader->line++;
        if (take_line(reader, p, (size_t)(stop - p)) < 0)
            return -1;
    }
    return reader->began ? 0 : refuse(reader, "no run in this journal");
}

static int mark_incomplete(struct wsq_run *run)
{
    run->complete = false;
    for (size_t i = 0; i < run->case_count; i++) {
        uint64_t end = run->cases[i].started_ms + run->cases[i].ms;

        if (end > run->ms)
            run->ms = end;
    }
    if (!run->incomplete)
        run->incomplete = wsq_dup("the journal ends before the run did");
    return run->incomplete ? 0 : -1;
}

int wsq_journal_read(const char *text, size_t length, struct wsq_run *run, char *error, size_t size)
{
    struct reader reader = {.run = run, .error = error, .size = size};

    *run = (struct wsq_run){0};
    if (take_lines(&reader, text, length) < 0) {
        wsq_run_drop(run);
        return -1;
    }
    if (!reader.ended && mark_incomplete(run) < 0) {
        wsq_run_drop(run);
        return refuse(&reader, "out of memory");
    }
    return 0;
}
