/* Modifiers, and what may stand at a step's end. */
#include <string.h>

#include "parser.h"

enum value_kind { OPCODE, BIT, RSV, MASK, LENGTH, SIZE, DEFLATED, OFFSETS, DURATION, STRING, WORD };

static const struct modifier {
    const char *name;
    enum value_kind value;
    unsigned places;
} modifiers[] = {
#define MODIFIER(name, value, places) {#name, value, places},
#include "modifiers.def"
#undef MODIFIER
};
static const char *const modifier_names[] = {
#define MODIFIER(name, value, places) #name,
#include "modifiers.def"
#undef MODIFIER
};
enum { MODIFIERS = sizeof modifiers / sizeof *modifiers };

/* Length of the modifier's name at the cursor: lower-case letters before '=', or the bare
 * `deflated`. */
static size_t name_at(const struct wsn_cursor *c)
{
    static const char bare[] = "deflated";
    size_t n = 0, left = (size_t)(c->end - c->p);
    while (n < left && c->p[n] >= 'a' && c->p[n] <= 'z')
        n++;
    if (n > 0 && n < left && c->p[n] == '=')
        return n;
    bool ends = n == left || wsn_is_blank(c->p[n]) || c->p[n] == '(';
    return ends && wsn_is(c->p, n, bare) ? n : 0;
}

bool wsn_modifier_stands(struct wsn_cursor *c)
{
    wsn_skip(c);
    return name_at(c) > 0;
}

/* --- values --- */

static bool bad_value(const struct wsn_cursor *c, const char *p, size_t n, const char *expected)
{
    return wsn_fail(c, p, n, "expected %s, found `%s`", expected, wsn_shown(c->parser, p, n));
}

/* One to three of the digits 1, 2 and 3, rising; 0 for none. */
static bool check_rsv(const struct wsn_cursor *c, const char *p, size_t n)
{
    bool good = n > 0;
    if (wsn_is(p, n, "0"))
        return true;
    for (size_t i = 0; i < n; i++)
        good = good && p[i] >= '1' && p[i] <= '3' && (i == 0 || p[i - 1] < p[i]);
    return good || bad_value(c, p, n, "the numbers of reserved bits, as `1`, `23` or `123`, or 0");
}

static bool check_mask(const struct wsn_cursor *c, const char *p, size_t n)
{
    uint64_t key;
    if (wsn_is(p, n, "none") || wsn_is(p, n, "zero"))
        return true;
    if (n == 10 && p[0] == '0' && p[1] == 'x' && wsn_number(p, n, UINT32_MAX, &key))
        return true;
    return bad_value(c, p, n, "`none`, `zero` or a key of four bytes as `0x01020304`");
}

static bool check_length(const struct wsn_cursor *c, const char *p, size_t n)
{
    static const struct {
        const char *bits;
        uint64_t max;
    } forms[] = {{"7:", 127}, {"16:", UINT16_MAX}, {"64:", UINT64_MAX}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t prefix = strlen(forms[i].bits);
        uint64_t value;
        if (n > prefix && memcmp(p, forms[i].bits, prefix) == 0)
            return wsn_number(p + prefix, n - prefix, forms[i].max, &value) ||
                   wsn_fail(c, p + prefix, n - prefix, "expected a number up to %llu, found `%s`",
                            (unsigned long long)forms[i].max,
                            wsn_shown(c->parser, p + prefix, n - prefix));
    }
    return bad_value(c, p, n, "a length as `7:5`, `16:5` or `64:5`");
}

/* Rising offsets, parted by commas. */
static bool check_offsets(const struct wsn_cursor *c, const char *p, size_t n)
{
    uint64_t before = 0, value;
    const char *end = p + n;
    for (const char *at = p; at <= end;) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        if (!wsn_number(at, (size_t)(stop - at), WSN_MAX_BYTES, &value) || value <= before)
            return bad_value(c, p, n, "rising offsets from 1, parted by commas");
        before = value;
        at = stop + 1;
    }
    return true;
}

bool wsn_check_duration(const struct wsn_cursor *c, const char *at, size_t n,
                        const struct wsn_text *text)
{
    if (wsn_has_variable(text) || wsn_duration(at, n) >= 0)
        return true;
    return bad_value(c, at, n, "a duration of at most a day, as `300ms`, `2s` or `1m`");
}

/* Checks a value without variables. */
static bool check_value(const struct wsn_cursor *c, enum value_kind kind, const char *p, size_t n,
                        const struct wsn_text *text)
{
    switch (kind) {
    case OPCODE:
        return wsn_check_number(c, p, n, text, 0, 15, "an opcode");
    case BIT:
        return wsn_is(p, n, "0") || wsn_is(p, n, "1") || bad_value(c, p, n, "0 or 1");
    case RSV:
        return check_rsv(c, p, n);
    case MASK:
        return check_mask(c, p, n);
    case LENGTH:
        return check_length(c, p, n);
    case SIZE:
        return wsn_check_number(c, p, n, text, 1, WSN_MAX_BYTES, "a size");
    case OFFSETS:
        return check_offsets(c, p, n);
    case DURATION:
        return wsn_check_duration(c, p, n, text);
    case WORD:
        return n > 0 || wsn_fail(c, p, 1, "expected a value behind `=`");
    case DEFLATED:
    case STRING:
        return true;
    }
    return true;
}

static bool parse_value(struct wsn_cursor *c, enum value_kind kind, struct wsn_text *value)
{
    if (c->p < c->end && *c->p == '"')
        return kind == STRING || kind == WORD
                   ? wsn_take_string(c, value)
                   : wsn_fail(c, c->p, 1, "this value stands without quotes");
    if (kind == STRING && (c->p == c->end || *c->p != '$'))
        return wsn_fail(c, c->p, 1, "expected a string in quotes behind `=`");
    const char *p = c->p;
    while (c->p < c->end && !wsn_is_blank(*c->p))
        c->p++;
    size_t n = (size_t)(c->p - p);
    if (!wsn_plain(c, p, n, WSN_PLAIN_TEXT, value))
        return false;
    return wsn_has_variable(value) || check_value(c, kind, p, n, value);
}

/* --- modifiers --- */

static const struct modifier *find(const char *p, size_t n)
{
    for (size_t i = 0; i < MODIFIERS; i++) {
        if (wsn_is(p, n, modifiers[i].name))
            return &modifiers[i];
    }
    return NULL;
}

static bool is_repeated(const struct wsn_step *step, const char *name)
{
    for (size_t i = 0; i < step->modifier_count; i++) {
        if (strcmp(step->modifiers[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The opcode belongs to `frame` itself: it stands first wherever it was written. */
static void add_modifier(struct wsn_parser *parser, struct wsn_step *step,
                         struct wsn_modifier modifier)
{
    *WSN_ADD(parser, step->modifiers, step->modifier_count) = modifier;
    if (strcmp(modifier.name, "opcode") != 0)
        return;
    memmove(step->modifiers + 1, step->modifiers, (step->modifier_count - 1) * sizeof modifier);
    step->modifiers[0] = modifier;
}

/* --- deflated(…) --- */

static const struct argument {
    const char *name;
    uint64_t least, most; /* of a number; 0 and 0: a bare word */
    const char *word;     /* or this, and nothing else */
} arguments[] = {{"level", 0, 9, NULL},
                 {"bits", 8, 15, NULL},
                 {"fresh", 0, 0, NULL},
                 {"final", 0, 0, NULL},
                 {"tail", 0, 0, "keep"}};
static const char *const argument_names[] = {"level", "bits", "fresh", "final", "tail"};

static bool takes_value(const struct argument *known)
{
    return known->most > 0 || known->word;
}

/* The value of an argument ends at a blank or at the parenthesis. */
static bool parse_argument_value(struct wsn_cursor *c, const struct argument *known,
                                 struct wsn_text *value)
{
    const char *p = c->p;
    while (c->p < c->end && !wsn_is_blank(*c->p) && *c->p != ')')
        c->p++;
    size_t n = (size_t)(c->p - p);
    if (!wsn_plain(c, p, n, WSN_PLAIN_TEXT, value))
        return false;
    if (wsn_has_variable(value))
        return true;
    if (known->word)
        return wsn_is(p, n, known->word) || bad_value(c, p, n, "`keep`");
    return wsn_check_number(c, p, n, value, known->least, known->most, "a number");
}

static bool parse_argument(struct wsn_cursor *c, struct wsn_modifier *modifier)
{
    const char *at = c->p;
    size_t n = 0, which = 0, left = (size_t)(c->end - c->p);
    while (n < left && at[n] >= 'a' && at[n] <= 'z')
        n++;
    while (which < sizeof arguments / sizeof *arguments && !wsn_is(at, n, arguments[which].name))
        which++;
    if (which == sizeof arguments / sizeof *arguments) {
        n = n > 0 ? n : 1;
        const char *close = wsn_suggest(at, n, WSN_WORDS(argument_names));
        return wsn_fail(c, at, n,
                        "expected `level=`, `bits=`, `fresh`, `final` or `tail=keep`%s%s%s",
                        close ? "; did you mean `" : "", close ? close : "", close ? "`?" : "");
    }
    for (size_t i = 0; i < modifier->argument_count; i++) {
        if (strcmp(modifier->arguments[i].name, arguments[which].name) == 0)
            return wsn_fail(c, at, n, "`%s` stands here twice", arguments[which].name);
    }
    struct wsn_modifier argument = {.name = arguments[which].name, .pos = wsn_where(c, at)};
    c->p += n;
    bool equals = c->p < c->end && *c->p == '=';
    if (equals != takes_value(&arguments[which]))
        return wsn_fail(c, at, n, equals ? "`%s` has no value" : "`%s` has a value",
                        arguments[which].name);
    if (equals) {
        c->p++;
        if (!parse_argument_value(c, &arguments[which], &argument.value))
            return false;
    }
    *WSN_ADD(c->parser, modifier->arguments, modifier->argument_count) = argument;
    return true;
}

/* Nothing, or one argument or more in parentheses. */
static bool parse_arguments(struct wsn_cursor *c, struct wsn_modifier *modifier)
{
    if (c->p == c->end || *c->p != '(')
        return true;
    const char *open = c->p++;
    for (;;) {
        wsn_skip(c);
        if (c->p == c->end)
            return wsn_fail(c, open, 1, "this parenthesis is not closed");
        if (*c->p == ')')
            break;
        if (!parse_argument(c, modifier))
            return false;
    }
    if (modifier->argument_count == 0)
        return wsn_fail(c, open, 2, "these parentheses are empty: leave them out");
    c->p++;
    return c->p == c->end || wsn_is_blank(*c->p) ||
           wsn_fail(c, c->p, 1, "expected a blank behind the parenthesis");
}

bool wsn_parse_modifier(struct wsn_cursor *c, unsigned places, struct wsn_step *step)
{
    wsn_skip(c);
    const char *at = c->p;
    size_t n = name_at(c);
    const struct modifier *known = find(at, n);
    if (!known) {
        const char *close = wsn_suggest(at, n, WSN_WORDS(modifier_names));
        return wsn_fail(c, at, n, "unknown modifier `%s`%s%s%s", wsn_shown(c->parser, at, n),
                        close ? "; did you mean `" : "", close ? close : "", close ? "`?" : "");
    }
    if (!(known->places & places))
        return wsn_fail(c, at, n, "`%s` cannot stand at this step", known->name);
    if (is_repeated(step, known->name))
        return wsn_fail(c, at, n, "`%s` stands here twice", known->name);
    struct wsn_modifier modifier = {.name = known->name, .pos = wsn_where(c, at)};
    c->p += n;
    if (known->value == DEFLATED) {
        if (c->p < c->end && *c->p == '=')
            return wsn_fail(c, c->p, 1, "`deflated` has its arguments in parentheses");
        if (!parse_arguments(c, &modifier))
            return false;
    } else {
        c->p++;
        if (!parse_value(c, known->value, &modifier.value))
            return false;
    }
    add_modifier(c->parser, step, modifier);
    return true;
}

/* --- the end of a step --- */

bool wsn_parse_charge(struct wsn_cursor *c, struct wsn_text *charge)
{
    wsn_skip(c);
    if (c->p == c->end || *c->p != '@')
        return true;
    const char *at = c->p++;
    if (c->p == c->end || wsn_is_blank(*c->p))
        return wsn_fail(c, at, 1, "expected a requirement's id behind `@`");
    return wsn_take_word(c, "a requirement's id", charge);
}

static bool take_duration(struct wsn_cursor *c, const char *what, struct wsn_text *out)
{
    size_t n = wsn_peek(c);
    const char *at = c->p;
    return wsn_take_word(c, what, out) && wsn_check_duration(c, at, n, out);
}

static bool parse_within(struct wsn_cursor *c, struct wsn_text *within)
{
    if (!wsn_take_if(c, "within"))
        return true;
    return take_duration(c, "a duration behind `within`", within);
}

/* `every 3s ± 500ms for 9s`; +- is as good. */
static bool parse_every(struct wsn_cursor *c, struct wsn_step *step)
{
    const char *at = c->p;
    if (!wsn_take_if(c, "every"))
        return true;
    if (step->kind != WSN_EXPECT_MESSAGE && step->kind != WSN_EXPECT_FRAME)
        return wsn_fail(c, at, strlen("every"),
                        "`every` stands only behind a message or frame that the peer must send");
    if (step->within.present)
        return wsn_fail(c, at, strlen("every"), "`every` says itself when: not behind `within`");
    if (!take_duration(c, "a duration behind `every`", &step->every))
        return false;
    if (!wsn_take_if(c, "±") && !wsn_take_if(c, "+-"))
        return wsn_unexpected(c, "`± DURATION`");
    if (!take_duration(c, "a duration behind `±`", &step->tolerance))
        return false;
    if (!wsn_take_if(c, "for"))
        return wsn_unexpected(c, "`for DURATION`");
    return take_duration(c, "a duration behind `for`", &step->lasting);
}

bool wsn_parse_tail(struct wsn_cursor *c, struct wsn_step *step)
{
    enum wsn_tail tail = wsn_step_tail(step->kind);
    wsn_skip(c);
    const char *at = c->p;
    if (!parse_within(c, &step->within))
        return false;
    if (step->within.present && tail != WSN_TAIL_WITHIN)
        return wsn_fail(c, at, strlen("within"), "`within` stands only behind a step that waits");
    wsn_skip(c);
    if (!parse_every(c, step))
        return false;
    wsn_skip(c);
    at = c->p;
    if (!wsn_parse_charge(c, &step->charge))
        return false;
    if (step->charge.present && tail == WSN_TAIL_NONE)
        return wsn_fail(c, at, (size_t)(c->p - at),
                        "this step asks nothing of the peer, so nothing can "
                        "be charged to a requirement");
    if (!step->within.present && wsn_peek_is(c, "within"))
        return wsn_fail(c, c->p, strlen("within"), "`within` stands before `@`");
    if (!wsn_take_end(c, "the end of the step"))
        return false;
    step->comment = c->comment;
    return true;
}
