#include "schema.h"

#include <stdio.h>
#include <string.h>

struct check {
    json_t *root;
    char *error;
    size_t size;
    char place[300];
    size_t n;
};

static bool accepts(struct check *check, json_t *schema, json_t *value);

static bool refuse(struct check *check, const char *what, const char *of)
{
    snprintf(check->error, check->size, "%.*s: %s%s", (int)check->n, check->place, what, of);
    return false;
}

static bool accepts_at(struct check *check, const char *name, json_t *schema, json_t *value)
{
    size_t n = check->n, room = sizeof check->place - n;
    int more = snprintf(check->place + n, room, "/%s", name);
    bool good;

    check->n += (size_t)more < room ? (size_t)more : room - 1;
    good = accepts(check, schema, value);
    check->n = n;
    return good;
}

static bool is_type(const char *type, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return strcmp(type, "object") == 0;
    case JSON_ARRAY:
        return strcmp(type, "array") == 0;
    case JSON_STRING:
        return strcmp(type, "string") == 0;
    case JSON_INTEGER:
        return strcmp(type, "integer") == 0 || strcmp(type, "number") == 0;
    case JSON_REAL:
        return strcmp(type, "number") == 0;
    case JSON_TRUE:
    case JSON_FALSE:
        return strcmp(type, "boolean") == 0;
    case JSON_NULL:
        return strcmp(type, "null") == 0;
    }
    return false;
}

static bool has_type(json_t *types, const json_t *value)
{
    json_t *type;
    size_t i;

    if (json_is_string(types))
        return is_type(json_string_value(types), value);
    json_array_foreach(types, i, type) if (is_type(json_string_value(type), value)) return true;
    return false;
}

static bool is_in(json_t *list, json_t *value)
{
    json_t *one;
    size_t i;

    json_array_foreach(list, i, one) if (json_equal(one, value)) return true;
    return false;
}

/* "#/$defs/case" */
static json_t *resolve(const struct check *check, const char *ref)
{
    static const char begin[] = "#/$defs/";

    if (strncmp(ref, begin, strlen(begin)) != 0)
        return NULL;
    return json_object_get(json_object_get(check->root, "$defs"), ref + strlen(begin));
}

static bool has_required(struct check *check, json_t *names, json_t *value)
{
    json_t *name;
    size_t i;

    json_array_foreach(
        names, i,
        name) if (!json_object_get(value,
                                   json_string_value(name))) return refuse(check, "lacks ",
                                                                           json_string_value(name));
    return true;
}

static bool accepts_members(struct check *check, json_t *schema, json_t *value)
{
    json_t *properties = json_object_get(schema, "properties");
    json_t *others = json_object_get(schema, "additionalProperties"), *member;
    const char *name;

    json_object_foreach(value, name, member)
    {
        json_t *rule = json_object_get(properties, name);

        if (!rule && json_is_false(others))
            return refuse(check, "has a member too many: ", name);
        if (!rule && !json_is_object(others))
            continue;
        if (!accepts_at(check, name, rule ? rule : others, member))
            return false;
    }
    return true;
}

static bool accepts_items(struct check *check, json_t *schema, json_t *value)
{
    json_t *item;
    size_t i;

    json_array_foreach(value, i, item)
    {
        char name[24];

        snprintf(name, sizeof name, "%zu", i);
        if (!accepts_at(check, name, schema, item))
            return false;
    }
    return true;
}

static bool accepts_keyword(struct check *check, json_t *schema, const char *keyword, json_t *rule,
                            json_t *value)
{
    if (strcmp(keyword, "$ref") == 0) {
        json_t *target = resolve(check, json_string_value(rule));

        return target ? accepts(check, target, value) : refuse(check, "no such $ref", "");
    }
    if (strcmp(keyword, "type") == 0)
        return has_type(rule, value) || refuse(check, "is of another type", "");
    if (strcmp(keyword, "enum") == 0)
        return is_in(rule, value) || refuse(check, "is none of the enum", "");
    if (strcmp(keyword, "const") == 0)
        return json_equal(rule, value) || refuse(check, "is not the const", "");
    if (strcmp(keyword, "minimum") == 0)
        return !json_is_integer(value) || json_integer_value(value) >= json_integer_value(rule) ||
               refuse(check, "is below the minimum", "");
    if (strcmp(keyword, "required") == 0)
        return !json_is_object(value) || has_required(check, rule, value);
    if (strcmp(keyword, "properties") == 0 || strcmp(keyword, "additionalProperties") == 0)
        return !json_is_object(value) || accepts_members(check, schema, value);
    if (strcmp(keyword, "items") == 0)
        return !json_is_array(value) || accepts_items(check, rule, value);
    if (strcmp(keyword, "description") == 0 || strcmp(keyword, "title") == 0 ||
        strcmp(keyword, "$schema") == 0 || strcmp(keyword, "$id") == 0 ||
        strcmp(keyword, "$defs") == 0)
        return true;
    return refuse(check, "the schema has a keyword that is not known here: ", keyword);
}

static bool accepts(struct check *check, json_t *schema, json_t *value)
{
    const char *keyword;
    json_t *rule;

    json_object_foreach(schema, keyword, rule) if (!accepts_keyword(check, schema, keyword, rule,
                                                                    value)) return false;
    return true;
}

bool schema_accepts(json_t *schema, json_t *value, char *error, size_t size)
{
    struct check check = {.root = schema, .error = error, .size = size};

    return accepts(&check, schema, value);
}
