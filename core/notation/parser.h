/* parser.h - what the parts of the parser share; private to the layer.
 *
 * A file is cut into rows (lines that are not empty); a cursor reads one row token by token.
 * Functions that parse return false when they have reported an error; the row is then given up and
 * parsing goes on behind it.  When memory ends, wsn_need leaves the parser through `no_memory`, so
 * no caller has to look for NULL.
 */
#ifndef WSN_PARSER_H
#define WSN_PARSER_H

#include <setjmp.h>
#include <wsn/notation.h>

enum {
    WSN_MAX_DEPTH = 32,    /* blocks in blocks */
    WSN_MAX_ERRORS = 100,  /* kept */
    WSN_MAX_DISTANCE = 2,  /* of a suggestion */
    WSN_MAX_STEPS = 10000, /* of a case, with those of the blocks that it uses */
    WSN_MAX_INCLUDES = 64, /* files, and files in files */
    WSN_MAX_INCLUDED = 16  /* deep */
};
#define WSN_MAX_SOURCE ((size_t)256 << 20)
#define WSN_MAX_BYTES ((uint64_t)1 << 30) /* of a piece that is sent */

struct wsn_row {
    size_t begin, end; /* without indentation and trailing blanks: source[begin..end) */
    size_t content;    /* index of the first row from here on that is no comment */
    uint32_t number;   /* of the line, from 1 */
    uint32_t column;   /* of the first byte, from 1 */
    bool comment;
    bool gap; /* an empty line stands before it */
    bool bad; /* an error was reported when it was cut */
};

struct wsn_parser {
    struct wsn_arena *arena;
    struct wsn_errors *errors;
    const char *source;
    size_t length;
    uint32_t number; /* of the source, in places; 0: the file itself */
    struct wsn_row *rows;
    size_t row_count;
    size_t at;   /* the next row */
    bool server; /* role of the case at hand */
    unsigned depth;
    jmp_buf no_memory;
};

struct wsn_cursor {
    struct wsn_parser *parser;
    const struct wsn_row *row;
    const char *p, *end;
    const char *comment; /* at the row's end, once reached */
};

/* wsn_parse for a file whose places bear this number. */
struct wsn_file *wsn_parse_source(struct wsn_arena *arena, const char *name, const char *source,
                                  size_t length, uint32_t number, struct wsn_errors *errors);

/* --- memory --- */
void *wsn_need(struct wsn_parser *parser, size_t size);
char *wsn_need_copy(struct wsn_parser *parser, const char *p, size_t n);
/* `list` of `count` elements with room for one more; the capacity is the next power of two. */
void *wsn_grow(struct wsn_parser *parser, void *list, size_t count, size_t size);
/* Appends a zeroed element and gives its address. */
#define WSN_ADD(parser, list, count)                                                               \
    ((list) = wsn_grow((parser), (list), (count), sizeof *(list)), &(list)[(count)++])

/* --- rows and cursors (lex.c) --- */
void wsn_cut_rows(struct wsn_parser *parser);
struct wsn_cursor wsn_open(struct wsn_parser *parser, const struct wsn_row *row);
struct wsn_pos wsn_where(const struct wsn_cursor *c, const char *p);
struct wsn_pos wsn_row_pos(const struct wsn_parser *parser, const struct wsn_row *row);
void wsn_skip(struct wsn_cursor *c); /* blanks, and the comment at the end */
bool wsn_at_end(struct wsn_cursor *c);
/* The bytes up to the next blank, not consumed; 0 at the end. */
size_t wsn_peek(struct wsn_cursor *c);
bool wsn_peek_is(struct wsn_cursor *c, const char *word);
bool wsn_take_if(struct wsn_cursor *c, const char *word); /* consumes the word if it stands here */
/* After blanks: does the byte stand here?  Consumes it if so. */
bool wsn_take_byte(struct wsn_cursor *c, char byte);
/* A single word as a template; false with an error if there is none. */
bool wsn_take_word(struct wsn_cursor *c, const char *expected, struct wsn_text *text);
/* Error unless the row ends here. */
bool wsn_take_end(struct wsn_cursor *c, const char *expected);
/* A copy of a comment row behind its first `skip` bytes; NULL with an error if it holds odd bytes.
 */
char *wsn_comment_of(struct wsn_parser *parser, const struct wsn_row *row, size_t skip);

/* --- errors (error.c, suggest.c) --- */
bool wsn_fail(const struct wsn_cursor *c, const char *at, size_t length, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "expected …, found `…`" at the cursor; always false. */
bool wsn_unexpected(struct wsn_cursor *c, const char *expected);
/* The same, with a suggestion out of `words` when one is close. */
bool wsn_unknown(struct wsn_cursor *c, const char *expected, struct wsn_words words);
/* Printable copy of bytes for a message, cut when long. */
const char *wsn_shown(struct wsn_parser *parser, const char *p, size_t n);
bool wsn_is(const char *p, size_t n, const char *word);
bool wsn_is_one_of(const char *p, size_t n, struct wsn_words words);
bool wsn_is_blank(char c);

/* --- texts (text.c) --- */
enum wsn_plain_kind { WSN_PLAIN_TEXT, WSN_PLAIN_REGEX };
/* A template out of bytes without escapes. */
bool wsn_plain(const struct wsn_cursor *c, const char *p, size_t n, enum wsn_plain_kind kind,
               struct wsn_text *text);
/* The same for checked bytes that are a copy of what stands at `at`. */
bool wsn_moved(const struct wsn_cursor *c, const char *p, size_t n, const char *at,
               struct wsn_text *text);
/* A string in quotes at the cursor. */
bool wsn_take_string(struct wsn_cursor *c, struct wsn_text *text);
/* Literal bytes as a template. */
void wsn_literal(struct wsn_parser *parser, const char *p, size_t n, struct wsn_text *text);
bool wsn_has_variable(const struct wsn_text *text);
/* The literal bytes of a text without variables (it then has at most one part). */
const char *wsn_bytes(const struct wsn_text *text, size_t *n);
bool wsn_text_is(const struct wsn_text *text, const char *word);
bool wsn_is_name_byte(char c);
size_t wsn_name_length(const char *p, size_t n); /* of a variable's name at p; 0 if none */
/* First byte that may not stand in plain text (a control byte, invalid UTF-8); n if all may. */
size_t wsn_bad_byte(const char *p, size_t n);
/* Length of the UTF-8 character at p; 0 if it is none. */
size_t wsn_character(const char *p, size_t n, uint32_t *code);

/* --- the parts of a line --- */
/* What a payload is for: some terms are only ever expected, or only ever sent. */
bool wsn_payload_stands(struct wsn_cursor *c);
bool wsn_parse_payload(struct wsn_cursor *c, bool expected, struct wsn_payload *payload);
bool wsn_parse_cell(struct wsn_cursor *c, struct wsn_term *term);
/* ~/…/ at the cursor: the pattern. */
bool wsn_parse_regex(struct wsn_cursor *c, struct wsn_text *pattern);

enum wsn_place { /* where a modifier may stand */
                 WSN_AT_HEAD = 1,
                 WSN_AT_FRAME = 2,
                 WSN_AT_RAW = 4,
                 WSN_AT_EXPECTED = 8, /* `< frame` */
                 WSN_AT_REPEAT = 16,
                 WSN_AT_CONNECT = 32,
                 WSN_AT_OPCODE = 64 /* `frame` itself */
};
bool wsn_modifier_stands(struct wsn_cursor *c);
bool wsn_parse_modifier(struct wsn_cursor *c, unsigned places, struct wsn_step *step);
/* `within …`, `@id`, the comment and the row's end. */
enum wsn_tail { WSN_TAIL_NONE, WSN_TAIL_CHARGE, WSN_TAIL_WITHIN };
enum wsn_tail wsn_step_tail(enum wsn_step_kind kind);
bool wsn_parse_tail(struct wsn_cursor *c, struct wsn_step *step);
bool wsn_parse_charge(struct wsn_cursor *c, struct wsn_text *charge);
bool wsn_check_duration(const struct wsn_cursor *c, const char *at, size_t n,
                        const struct wsn_text *text);
bool wsn_check_number(const struct wsn_cursor *c, const char *at, size_t n,
                      const struct wsn_text *text, uint64_t min, uint64_t max, const char *what);

/* --- steps --- */
struct wsn_steps {
    struct wsn_step *list;
    size_t count;
};
/* All rows from the next one on that stand deeper than `above`, as one block. */
void wsn_parse_block(struct wsn_parser *parser, uint32_t above, struct wsn_steps *steps);
/* The same when the block's column is known. */
void wsn_parse_steps(struct wsn_parser *parser, uint32_t above, uint32_t column,
                     struct wsn_steps *steps);
bool wsn_step_stands(struct wsn_cursor *c);
/* The word behind the arrow, or of a step without one; NULL where there is not just one. */
const char *wsn_step_word(enum wsn_step_kind kind);
/* Is this the word of a step that stands behind no arrow?  Of which? */
bool wsn_keyword(const char *p, size_t n, enum wsn_step_kind *kind);
/* The name of a connection or a block: a letter, then letters, digits, '-' and '_'. */
bool wsn_is_label(const char *p, size_t n);
/* The step's own line.  While step->kind is COMMENT, not even the kind of step is known. */
bool wsn_parse_first_line(struct wsn_cursor *c, struct wsn_step *step);
/* A step of either direction, from behind the arrow up to its tail. */
bool wsn_parse_send(struct wsn_cursor *c, struct wsn_step *step);
bool wsn_parse_expect(struct wsn_cursor *c, struct wsn_step *step);
/* The deeper lines of a handshake step. */
void wsn_parse_lines(struct wsn_parser *parser, uint32_t above, bool sent, struct wsn_step *step);
bool wsn_method_stands(struct wsn_cursor *c);
/* What follows the first word or string of a head that we send. */
bool wsn_parse_head(struct wsn_cursor *c, struct wsn_step *step);
bool wsn_parse_expected_request(struct wsn_cursor *c, struct wsn_step *step);
/* Is this the end of the row, or `@id` or `within …`? */
bool wsn_ends_step(struct wsn_cursor *c);
/* Passes over the rows that stand deeper, with an error unless `quiet`. */
void wsn_skip_deeper(struct wsn_parser *parser, uint32_t above, bool quiet);
/* Is the next row (comments aside) deeper than `above`? */
bool wsn_deeper(const struct wsn_parser *parser, uint32_t above);
/* Is the next row a comment that belongs to the block in `column`? */
bool wsn_comment_belongs(const struct wsn_parser *parser, uint32_t column);

/* --- clauses --- */
bool wsn_is_clause(const char *p, size_t n);
/* Reports the next row, which is neither clause nor step, and passes over what belongs to it. */
void wsn_refuse_clause(struct wsn_parser *parser);
/* The next row begins with a clause's word. */
void wsn_parse_clause(struct wsn_parser *parser, struct wsn_case *owner);

#endif
