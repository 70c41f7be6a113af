#include "shape.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsq/result.h>
#include <wsq/text.h>

/* Where a field lies in a struct that the shape describes; offsetof keeps it aligned. */
static const void *field_in(const void *of, size_t at)
{
    return (const char *)of + at;
}

static void *field_of(void *of, size_t at)
{
    return (char *)of + at;
}

/* A list's pointer has the type of its items, which only its shape knows. */
static void *list_of(const void *of, size_t at)
{
    void *list;

    memcpy(&list, field_in(of, at), sizeof list);
    return list;
}

#define READ(type, of, at) (*(type const *)field_in(of, at))
#define SLOT(type, of, at) (*(type *)field_of(of, at))

/* ---- writing ---- */

json_t *wsq_json_text(const char *s)
{
    struct wsq_text text = {0};
    json_t *json;
    size_t n;
    char *fixed;

    if (!s)
        return json_null();
    if (wsq_utf8_valid(s))
        return json_string(s);
    wsq_text_utf8(&text, s);
    fixed = wsq_text_take(&text, &n);
    json = fixed ? json_stringn(fixed, n) : NULL;
    free(fixed);
    return json;
}

static json_t *write_u64(uint64_t value)
{
    return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *write_seed(uint64_t seed)
{
    return json_sprintf("%" PRIu64, seed);
}

static json_t *write_bytes(const uint8_t *bytes, size_t n)
{
    char *text = n > INT_MAX / 2 ? NULL : malloc(n / 3 * 4 + 5);
    json_t *json = NULL;

    if (text) {
        text[0] = '\0';
        EVP_EncodeBlock((unsigned char *)text, bytes, (int)n);
        json = json_string(text);
    }
    free(text);
    return json;
}

static json_t *write_texts(char *const *list, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(array, wsq_json_text(list[i])) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *write_list(const struct wsq_shape *items, const char *list, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        if (json_array_append_new(array, wsq_shape_write(items, list + i * items->size, NULL)) <
            0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *write_field(const struct wsq_field *field, const void *from)
{
    switch (field->kind) {
    case WSQ_TEXT:
    case WSQ_NAME:
        return wsq_json_text(READ(char *, from, field->at));
    case WSQ_FLAG:
        return json_boolean(READ(bool, from, field->at));
    case WSQ_VERDICT:
    case WSQ_GRADED:
        return json_string(wsq_verdict_name(READ(enum wsq_verdict, from, field->at)));
    case WSQ_UINT:
        return write_u64(READ(unsigned, from, field->at));
    case WSQ_SIZE:
        return write_u64(READ(size_t, from, field->at));
    case WSQ_U64:
        return write_u64(READ(uint64_t, from, field->at));
    case WSQ_SEED:
        return write_seed(READ(uint64_t, from, field->at));
    case WSQ_BYTES:
        return write_bytes(READ(uint8_t *, from, field->at), READ(size_t, from, field->count_at));
    case WSQ_TEXTS:
        return write_texts(READ(char **, from, field->at), READ(size_t, from, field->count_at));
    case WSQ_LIST:
        return write_list(field->items, list_of(from, field->at),
                          READ(size_t, from, field->count_at));
    }
    return NULL;
}

json_t *wsq_shape_write(const struct wsq_shape *shape, const void *from, json_t *into)
{
    json_t *object = into ? json_incref(into) : json_object();

    for (size_t i = 0; i < shape->count; i++)
        if (json_object_set_new(object, shape->fields[i].name,
                                write_field(&shape->fields[i], from)) < 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

/* ---- reading ---- */

/* Where in the document we are, for messages; a deep place is cut off. */
struct reader {
    char place[160];
    size_t n;
    char *error;
    size_t size;
};

static void step_into(struct reader *reader, const char *name, size_t index, bool is_index)
{
    char *end = reader->place + reader->n;
    size_t room = sizeof reader->place - reader->n;
    int n = is_index ? snprintf(end, room, "[%zu]", index)
                     : snprintf(end, room, "%s%s", reader->n ? "." : "", name);

    reader->n += n > 0 && (size_t)n < room ? (size_t)n : room - 1;
}

static void step_back(struct reader *reader, size_t n)
{
    reader->n = n;
    reader->place[n] = '\0';
}

static const char *found(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
        return "a number";
    case JSON_REAL:
        return "a number with a fraction";
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "null";
    }
    return "nothing";
}

static int refuse(struct reader *reader, const char *expected, const json_t *json)
{
    if (json && json_is_string(json)) {
        struct wsq_text text = {0};
        size_t n = json_string_length(json);
        char *shown;

        wsq_text_visible(&text, json_string_value(json), n < 40 ? n : 40);
        shown = wsq_text_take(&text, NULL);
        snprintf(reader->error, reader->size, "%s: expected %s, found the string \"%s\"%s",
                 reader->place, expected, shown ? shown : "", n < 40 ? "" : " …");
        free(shown);
    } else {
        snprintf(reader->error, reader->size, "%s: expected %s, found %s", reader->place, expected,
                 json ? found(json) : "nothing");
    }
    return -1;
}

static int no_memory(struct reader *reader)
{
    snprintf(reader->error, reader->size, "%s: out of memory", reader->place);
    return -1;
}

static int read_text(struct reader *reader, json_t *json, char **into)
{
    if (!json_is_string(json))
        return refuse(reader, "a string", json);
    *into = wsq_dup(json_string_value(json));
    return *into ? 0 : no_memory(reader);
}

static int read_name(struct reader *reader, json_t *json, char **into)
{
    if (!json || !json_is_string(json) || json_string_length(json) == 0)
        return refuse(reader, "a name", json);
    return read_text(reader, json, into);
}

static int read_verdict(struct reader *reader, json_t *json, bool graded, enum wsq_verdict *into)
{
    const char *expected = graded ? "fail, warn or info" : "a verdict";

    if (!json_is_string(json) || !wsq_verdict_parse(json_string_value(json), into))
        return refuse(reader, expected, json);
    if (graded && *into != WSQ_FAIL && *into != WSQ_WARN && *into != WSQ_INFO)
        return refuse(reader, expected, json);
    return 0;
}

static int read_number(struct reader *reader, json_t *json, uint64_t most, uint64_t *into)
{
    char expected[64];

    snprintf(expected, sizeof expected, "a whole number from 0 to %" PRIu64, most);
    if (!json_is_integer(json) || json_integer_value(json) < 0 ||
        (uint64_t)json_integer_value(json) > most)
        return refuse(reader, expected, json);
    *into = (uint64_t)json_integer_value(json);
    return 0;
}

static int read_seed(struct reader *reader, json_t *json, uint64_t *into)
{
    const char *s = json_is_string(json) ? json_string_value(json) : "";

    *into = 0;
    for (const char *p = s; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');

        if (*into > (UINT64_MAX - digit) / 10)
            return refuse(reader, "a number of 64 bits", json);
        *into = *into * 10 + digit;
        if (p[1] == '\0')
            return 0;
    }
    return refuse(reader, "a decimal number as a string", json);
}

static bool is_base64(const char *s, size_t n)
{
    size_t body = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    size_t padding = strspn(s + body, "=");

    return n % 4 == 0 && n < INT_MAX && padding <= 2 && body + padding == n;
}

static int read_bytes(struct reader *reader, json_t *json, uint8_t **into, size_t *count)
{
    const char *s = json_is_string(json) ? json_string_value(json) : "?";
    size_t n = strlen(s);

    if (!is_base64(s, n))
        return refuse(reader, "base64", json);
    *into = malloc(n / 4 * 3 + 1);
    if (!*into)
        return no_memory(reader);
    if (n > 0)
        EVP_DecodeBlock(*into, (const unsigned char *)s, (int)n);
    *count = n / 4 * 3;
    for (; n > 0 && s[n - 1] == '='; n--)
        --*count;
    return 0;
}

/* The count grows with what is read, so that a list that breaks off can be dropped. */
static int read_texts(struct reader *reader, json_t *json, char ***into, size_t *count)
{
    if (!json_is_array(json))
        return refuse(reader, "a list of strings", json);
    *into = calloc(json_array_size(json) + 1, sizeof **into);
    if (!*into)
        return no_memory(reader);
    for (size_t i = 0, n = reader->n; i < json_array_size(json); i++, step_back(reader, n)) {
        step_into(reader, NULL, i, true);
        if (read_text(reader, json_array_get(json, i), &(*into)[i]) < 0)
            return -1;
        *count = i + 1;
    }
    return 0;
}

static int read_struct(struct reader *reader, const struct wsq_shape *shape, json_t *from,
                       void *into);

static int read_list(struct reader *reader, const struct wsq_shape *items, json_t *json, void *into,
                     size_t *count)
{
    char *list;

    if (!json_is_array(json))
        return refuse(reader, "a list", json);
    list = calloc(json_array_size(json) + 1, items->size);
    if (!list)
        return no_memory(reader);
    memcpy(into, &list, sizeof list);
    for (size_t i = 0, n = reader->n; i < json_array_size(json); i++, step_back(reader, n)) {
        step_into(reader, NULL, i, true);
        *count = i + 1;
        if (read_struct(reader, items, json_array_get(json, i), list + i * items->size) < 0)
            return -1;
    }
    return 0;
}

static int read_field(struct reader *reader, const struct wsq_field *field, json_t *json,
                      void *into)
{
    uint64_t number = 0;

    switch (field->kind) {
    case WSQ_TEXT:
        return read_text(reader, json, &SLOT(char *, into, field->at));
    case WSQ_NAME:
        return read_name(reader, json, &SLOT(char *, into, field->at));
    case WSQ_FLAG:
        SLOT(bool, into, field->at) = json_is_true(json);
        return json_is_boolean(json) ? 0 : refuse(reader, "true or false", json);
    case WSQ_VERDICT:
    case WSQ_GRADED:
        return read_verdict(reader, json, field->kind == WSQ_GRADED,
                            &SLOT(enum wsq_verdict, into, field->at));
    case WSQ_UINT:
        if (read_number(reader, json, UINT_MAX, &number) < 0)
            return -1;
        SLOT(unsigned, into, field->at) = (unsigned)number;
        return 0;
    case WSQ_SIZE:
        if (read_number(reader, json, SIZE_MAX, &number) < 0)
            return -1;
        SLOT(size_t, into, field->at) = (size_t)number;
        return 0;
    case WSQ_U64:
        return read_number(reader, json, INT64_MAX, &SLOT(uint64_t, into, field->at));
    case WSQ_SEED:
        return read_seed(reader, json, &SLOT(uint64_t, into, field->at));
    case WSQ_BYTES:
        return read_bytes(reader, json, &SLOT(uint8_t *, into, field->at),
                          &SLOT(size_t, into, field->count_at));
    case WSQ_TEXTS:
        return read_texts(reader, json, &SLOT(char **, into, field->at),
                          &SLOT(size_t, into, field->count_at));
    case WSQ_LIST:
        return read_list(reader, field->items, json, field_of(into, field->at),
                         &SLOT(size_t, into, field->count_at));
    }
    return -1;
}

/* A verdict has no zero that could stand for a missing one. */
static bool is_needed(enum wsq_kind kind)
{
    return kind == WSQ_NAME || kind == WSQ_VERDICT || kind == WSQ_GRADED;
}

static int read_struct(struct reader *reader, const struct wsq_shape *shape, json_t *from,
                       void *into)
{
    if (!json_is_object(from))
        return refuse(reader, "an object", from);
    for (size_t i = 0, n = reader->n; i < shape->count; i++, step_back(reader, n)) {
        const struct wsq_field *field = &shape->fields[i];
        json_t *json = json_object_get(from, field->name);

        if ((!json || json_is_null(json)) && !is_needed(field->kind))
            continue;
        step_into(reader, field->name, 0, false);
        if (read_field(reader, field, json, into) < 0)
            return -1;
    }
    return 0;
}

int wsq_shape_read(const struct wsq_shape *shape, json_t *from, void *into, char *error,
                   size_t size)
{
    struct reader reader = {.error = error, .size = size};

    return read_struct(&reader, shape, from, into);
}

/* ---- freeing ---- */

static void drop_texts(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(list[i]);
    free(list);
}

static void drop_list(const struct wsq_shape *items, char *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wsq_shape_drop(items, list + i * items->size);
    free(list);
}

static void drop_field(const struct wsq_field *field, void *of)
{
    switch (field->kind) {
    case WSQ_TEXT:
    case WSQ_NAME:
        free(SLOT(char *, of, field->at));
        break;
    case WSQ_BYTES:
        free(SLOT(uint8_t *, of, field->at));
        break;
    case WSQ_TEXTS:
        drop_texts(SLOT(char **, of, field->at), SLOT(size_t, of, field->count_at));
        break;
    case WSQ_LIST:
        drop_list(field->items, list_of(of, field->at), SLOT(size_t, of, field->count_at));
        break;
    case WSQ_FLAG:
    case WSQ_VERDICT:
    case WSQ_GRADED:
    case WSQ_UINT:
    case WSQ_SIZE:
    case WSQ_U64:
    case WSQ_SEED:
        break;
    }
}

void wsq_shape_drop(const struct wsq_shape *shape, void *of)
{
    for (size_t i = 0; i < shape->count; i++)
        drop_field(&shape->fields[i], of);
}
