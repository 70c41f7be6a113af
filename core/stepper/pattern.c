/* pattern.c - regular expressions (PCRE2) and JSON values (Jansson) against what came. */
#include "program.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH_LIMIT = 1000000, HEAP_LIMIT = 64 << 10 /* KiB */, JSON_DEPTH = 64 };

/* ---- memory: what is short of it says so, and no data is called wrong for it ---- */

static void *take(size_t size, void *starved)
{
    void *p = malloc(size);
    if (!p)
        *(bool *)starved = true;
    return p;
}

static void release(void *p, void *starved)
{
    (void)starved;
    free(p);
}

/* Jansson has one allocator and no word for memory's end: what could not be read may be no JSON. */
static _Thread_local bool json_starved;

static void *json_take(size_t size)
{
    return take(size, &json_starved);
}

static void json_begin(void)
{
    json_starved = false;
    json_set_alloc_funcs(json_take, free);
}

/* ---- regular expressions ---- */

/* Characters of UTF-8, or bytes.  What is no UTF-8 in the data matches no character. */
static pcre2_code *compile(pcre2_general_context *memory, const char *pattern, size_t n, bool text,
                           int *error)
{
    PCRE2_SIZE at;
    uint32_t options = PCRE2_DOTALL | (text ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : 0);
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    pcre2_code *code =
        context ? pcre2_compile((PCRE2_SPTR)pattern, n, options, error, &at, context) : NULL;
    pcre2_compile_context_free(context);
    return code;
}

const char *wss_regex_error(struct wsn_arena *arena, const char *pattern, size_t n, bool text)
{
    int error = PCRE2_ERROR_NOMEMORY;
    bool starved = false;
    pcre2_general_context *memory = pcre2_general_context_create(take, release, &starved);
    pcre2_code *code = compile(memory, pattern, n, text, &error);
    pcre2_code_free(code);
    pcre2_general_context_free(memory);
    if (code)
        return NULL;
    PCRE2_UCHAR words[120];
    pcre2_get_error_message(error, words, sizeof words);
    const char *copy = wsn_copy(arena, (const char *)words, strlen((const char *)words));
    return copy ? copy : "out of memory";
}

static int match(pcre2_general_context *memory, const pcre2_code *code, const char *data,
                 size_t len)
{
    int got = PCRE2_ERROR_NOMEMORY;
    pcre2_match_context *limits = pcre2_match_context_create(memory);
    pcre2_match_data *found = pcre2_match_data_create_from_pattern(code, memory);
    if (limits && found) {
        pcre2_set_match_limit(limits, MATCH_LIMIT);
        pcre2_set_heap_limit(limits, HEAP_LIMIT);
        got = pcre2_match(code, (PCRE2_SPTR)data, len, 0, 0, found, limits);
    }
    pcre2_match_data_free(found);
    pcre2_match_context_free(limits);
    return got;
}

bool wss_regex_meets(struct wss_trial *trial, bool text, const char *pattern, size_t pattern_len,
                     const char *data, size_t len)
{
    int got = PCRE2_ERROR_NOMEMORY;
    pcre2_general_context *memory = pcre2_general_context_create(take, release, trial->starved);
    pcre2_code *code = compile(memory, pattern, pattern_len, text, &got);
    if (code)
        got = match(memory, code, data, len);
    pcre2_code_free(code);
    pcre2_general_context_free(memory);
    trial->why = got < 0 ? "the pattern does not match" : trial->why;
    if (got < 0 && got != PCRE2_ERROR_NOMATCH)
        trial->failed = "a pattern could not be tried within its limits";
    if (!code)
        trial->failed = "a pattern does not compile with the values that stand in it";
    return got >= 0;
}

/* ---- JSON ---- */

static bool equal(const json_t *want, const json_t *have, unsigned depth);

static bool object_equal(const json_t *want, const json_t *have, unsigned depth)
{
    const json_t *rest = json_object_get(want, "...");
    size_t named = json_object_size(want) - (rest ? 1 : 0);
    if (!json_is_object(have) || (!rest && json_object_size(have) != named))
        return false;
    /* Jansson's iterators want a writable object, yet only read it. */
    union {
        const json_t *in;
        json_t *out;
    } cast = {.in = want};
    const char *key;
    json_t *value;
    json_object_foreach(cast.out, key, value)
    {
        const json_t *other = json_object_get(have, key);
        if (strcmp(key, "...") != 0 && (!other || !equal(value, other, depth + 1)))
            return false;
    }
    return true;
}

/* `...` in place of a value; as a member it allows more of them. */
#define ANY_VALUE "{\"...\":true}"
#define MORE_MEMBERS "\"...\":null"

static bool is_any(const json_t *want)
{
    return json_is_true(json_object_get(want, "..."));
}

static bool number_equal(const json_t *want, const json_t *have)
{
    if (json_is_integer(want) && json_is_integer(have))
        return json_integer_value(want) == json_integer_value(have);
    double a = json_number_value(want), b = json_number_value(have);
    return json_is_number(have) && !(a < b) && !(a > b);
}

static bool equal(const json_t *want, const json_t *have, unsigned depth)
{
    if (depth > JSON_DEPTH)
        return false;
    if (is_any(want))
        return true;
    if (json_is_number(want))
        return number_equal(want, have);
    if (json_is_object(want))
        return object_equal(want, have, depth);
    if (!json_is_array(want))
        return json_equal(want, have);
    if (!json_is_array(have) || json_array_size(want) != json_array_size(have))
        return false;
    for (size_t i = 0; i < json_array_size(want); i++) {
        if (!equal(json_array_get(want, i), json_array_get(have, i), depth + 1))
            return false;
    }
    return true;
}

/* `...` as something that the parser knows: behind a colon a value, else a member. */
static char *with_dots(const char *p, size_t n)
{
    char *out = json_take(n + n / 3 * sizeof ANY_VALUE + 1), *q = out, last = 0;
    bool quoted = false;
    for (size_t i = 0; out && i < n; i++) {
        if (quoted && p[i] == '\\' && i + 1 < n) {
            *q++ = p[i++];
        } else if (p[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && n - i >= 3 && memcmp(p + i, "...", 3) == 0) {
            const char *dots = last == ':' ? ANY_VALUE : MORE_MEMBERS;
            memcpy(q, dots, strlen(dots));
            q += strlen(dots);
            i += 2;
            last = '.';
            continue;
        }
        last = strchr(" \t\r\n", p[i]) ? last : p[i];
        *q++ = p[i];
    }
    if (out)
        *q = 0;
    return out;
}

/* Any JSON text.  Numbers that no 64 bits hold are read as others are, with the nearest value.
 * *failed gets a sentence when it may be JSON, and cannot be read all the same. */
static json_t *load(const char *text, size_t n, bool *rounded, const char **failed)
{
    json_error_t error;
    size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_t *value = json_loadb(text, n, flags, &error);
    *rounded = !value && json_error_code(&error) == json_error_numeric_overflow;
    if (*rounded)
        value = json_loadb(text, n, flags | JSON_DECODE_INT_AS_REAL, &error);
    if (!value && failed && json_error_code(&error) == json_error_numeric_overflow)
        *failed = "a number in JSON is too large to be read";
    if (!value && failed && json_error_code(&error) == json_error_stack_overflow)
        *failed = "JSON is nested too deep to be read";
    return value;
}

static json_t *load_pattern(const char *p, size_t n)
{
    bool rounded;
    char *text = with_dots(p, n);
    json_t *value = text ? load(text, strlen(text), &rounded, NULL) : NULL;
    free(text);
    return value;
}

bool wss_json_valid(const char *pattern, size_t n)
{
    json_begin();
    json_t *value = load_pattern(pattern, n);
    json_decref(value);
    return value != NULL;
}

static bool json_meets(struct wss_trial *trial, const char *pattern, size_t n, const uint8_t *data,
                       size_t len)
{
    bool rounded;
    json_begin();
    json_t *want = load_pattern(pattern, n);
    json_t *have = load((const char *)data, len, &rounded, &trial->failed);
    bool same = want && have && equal(want, have, 0);
    if (!same)
        trial->why = have ? "the JSON value is another" : "this is no JSON";
    if (!want)
        trial->failed = "a JSON value cannot be read with the values that stand in it";
    json_decref(want);
    json_decref(have);
    *trial->starved = *trial->starved || json_starved;
    return same;
}

/* ---- places ---- */

/* Reads `.name` or `[3]` at the path's beginning; the rest of it, or NULL.  An index has no name.
 */
static const char *path_step(const char *path, const char **name, size_t *n, size_t *index)
{
    char *end;
    *n = 0;
    if (*path == '.') {
        *name = path + 1;
        *n = strcspn(*name, ".[");
        return *n ? *name + *n : NULL;
    }
    if (*path != '[' || path[1] < '0' || path[1] > '9')
        return NULL;
    *index = strtoul(path + 1, &end, 10);
    return *end == ']' ? end + 1 : NULL;
}

bool wss_json_path_valid(const char *path)
{
    const char *name;
    size_t n, index;
    while (path && *path)
        path = path_step(path, &name, &n, &index);
    return path != NULL;
}

static const json_t *walk(const json_t *value, const char *path)
{
    const char *name = "";
    size_t n = 0, index = 0;
    while (value && path && *path) {
        path = path_step(path, &name, &n, &index);
        if (!path)
            return NULL;
        value = n ? json_object_getn(value, name, n) : json_array_get(value, index);
    }
    return value;
}

const char *wss_json_at(struct wss_trial *trial, struct wsn_arena *arena, const uint8_t *data,
                        size_t len, const char *path, size_t *length)
{
    bool rounded;
    json_begin();
    json_t *root = load((const char *)data, len, &rounded, &trial->failed);
    const json_t *value = walk(root, path);
    const char *text = NULL;
    char *dump =
        value && !json_is_string(value) ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    if (value && json_is_string(value)) {
        *length = json_string_length(value);
        text = wsn_copy(arena, json_string_value(value), *length);
    } else if (dump) {
        *length = strlen(dump);
        text = wsn_copy(arena, dump, *length);
        if (rounded && !json_is_boolean(value) && !json_is_null(value))
            trial->failed = "a number in JSON is too large to be taken as it is";
    }
    free(dump);
    json_decref(root);
    *trial->starved = *trial->starved || json_starved;
    return text;
}

struct leaves {
    void *context;
    void (*tell)(void *context, const char *value, size_t n);
};

static void tell_leaves(const struct leaves *leaves, json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;
    if (json_is_object(value)) {
        json_object_foreach(value, name, member)
        {
            tell_leaves(leaves, member);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, member)
        {
            tell_leaves(leaves, member);
        }
    } else if (json_is_string(value)) {
        leaves->tell(leaves->context, json_string_value(value), json_string_length(value));
    } else if (json_is_number(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        if (text)
            leaves->tell(leaves->context, text, strlen(text));
        free(text);
    }
}

void wss_json_leaves(bool *starved, const char *text, size_t n, void *context,
                     void (*tell)(void *context, const char *value, size_t n))
{
    json_begin();
    bool rounded;
    json_t *root = load(text, n, &rounded, NULL);
    const struct leaves leaves = {context, tell};
    if (root)
        tell_leaves(&leaves, root);
    json_decref(root);
    *starved = *starved || json_starved;
}

bool wss_pattern_meets(struct wss_trial *trial, const struct wsn_term *term, bool text,
                       const uint8_t *data, size_t len)
{
    struct wsn_arena arena = {.failed = trial->starved};
    size_t n;
    const char *p = wss_plain(&arena, &term->text, &n);
    bool met = term->kind == WSN_TERM_REGEX
                   ? wss_regex_meets(trial, text, p, n, (const char *)data, len)
                   : json_meets(trial, p, n, data, len);
    wsn_arena_drop(&arena);
    return met;
}
