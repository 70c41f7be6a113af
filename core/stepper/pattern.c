/* pattern.c - regular expressions (PCRE2) and JSON values (Jansson) against what came. */
#include "program.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <jansson.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum { MATCH_LIMIT = 1000000, DEPTH_LIMIT = 5000, JSON_DEPTH = 64 };

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

static pcre2_code *compile(pcre2_general_context *memory, const char *pattern, size_t n, int *error)
{
    PCRE2_SIZE at;
    pcre2_compile_context *context = memory ? pcre2_compile_context_create(memory) : NULL;
    pcre2_code *code =
        context ? pcre2_compile((PCRE2_SPTR)pattern, n, PCRE2_DOTALL, error, &at, context) : NULL;
    pcre2_compile_context_free(context);
    return code;
}

const char *wss_regex_error(struct wsn_arena *arena, const char *pattern, size_t n)
{
    int error = PCRE2_ERROR_NOMEMORY;
    bool starved = false;
    pcre2_general_context *memory = pcre2_general_context_create(take, release, &starved);
    pcre2_code *code = compile(memory, pattern, n, &error);
    pcre2_code_free(code);
    pcre2_general_context_free(memory);
    if (code)
        return NULL;
    PCRE2_UCHAR text[120];
    pcre2_get_error_message(error, text, sizeof text);
    const char *copy = wsn_copy(arena, (const char *)text, strlen((const char *)text));
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
        pcre2_set_depth_limit(limits, DEPTH_LIMIT);
        got = pcre2_match(code, (PCRE2_SPTR)data, len, 0, 0, found, limits);
    }
    pcre2_match_data_free(found);
    pcre2_match_context_free(limits);
    return got;
}

bool wss_regex_meets(bool *starved, const char *pattern, size_t pattern_len, const char *data,
                     size_t len, const char **why)
{
    int error;
    pcre2_general_context *memory = pcre2_general_context_create(take, release, starved);
    pcre2_code *code = compile(memory, pattern, pattern_len, &error);
    int got = code ? match(memory, code, data, len) : PCRE2_ERROR_NOMEMORY;
    pcre2_code_free(code);
    pcre2_general_context_free(memory);
    if (got < 0)
        *why = got == PCRE2_ERROR_NOMATCH ? "the pattern does not match"
                                          : "the pattern could not be tried within its limits";
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

static bool equal(const json_t *want, const json_t *have, unsigned depth)
{
    if (depth > JSON_DEPTH)
        return false;
    if (json_is_number(want))
        return json_is_number(have) && !(json_number_value(want) < json_number_value(have)) &&
               !(json_number_value(want) > json_number_value(have));
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

/* A lone `...` member stands for any further ones: written as a member of that name for the parser.
 */
static char *with_dots(const char *p, size_t n)
{
    char *out = json_take(n + n / 3 * 8 + 1), *q = out;
    bool quoted = false;
    for (size_t i = 0; out && i < n; i++) {
        if (quoted && p[i] == '\\' && i + 1 < n) {
            *q++ = p[i++];
        } else if (p[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && n - i >= 3 && memcmp(p + i, "...", 3) == 0) {
            memcpy(q, "\"...\":null", 10);
            q += 10;
            i += 2;
            continue;
        }
        *q++ = p[i];
    }
    if (out)
        *q = 0;
    return out;
}

static json_t *load_pattern(const char *p, size_t n)
{
    char *text = with_dots(p, n);
    json_t *value = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
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

static bool json_meets(bool *starved, const char *pattern, size_t n, const uint8_t *data,
                       size_t len, const char **why)
{
    json_begin();
    json_t *want = load_pattern(pattern, n);
    json_error_t error;
    json_t *have = json_loadb((const char *)data, len, JSON_DECODE_ANY, &error);
    bool same = want && have && equal(want, have, 0);
    if (!same)
        *why = have ? "the JSON value is another" : "this is no JSON";
    json_decref(want);
    json_decref(have);
    *starved = *starved || json_starved;
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

const char *wss_json_at(bool *starved, struct wsn_arena *arena, const uint8_t *data, size_t len,
                        const char *path, size_t *length)
{
    json_begin();
    json_t *root = json_loadb((const char *)data, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
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
    }
    free(dump);
    json_decref(root);
    *starved = *starved || json_starved;
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
    json_t *root = json_loadb(text, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    const struct leaves leaves = {context, tell};
    if (root)
        tell_leaves(&leaves, root);
    json_decref(root);
    *starved = *starved || json_starved;
}

bool wss_pattern_meets(bool *starved, const struct wsn_term *term, const uint8_t *data, size_t len,
                       const char **why)
{
    struct wsn_arena arena = {.failed = starved};
    size_t n;
    const char *p = wss_plain(&arena, &term->text, &n);
    bool met = term->kind == WSN_TERM_REGEX
                   ? wss_regex_meets(starved, p, n, (const char *)data, len, why)
                   : json_meets(starved, p, n, data, len, why);
    wsn_arena_drop(&arena);
    return met;
}
