/* wsn/notation.h - parse, print and compare scripts.
 *
 * parse(print(a)) == a for every file, and print is canonical: printing what was parsed from
 * printed text gives the same text.
 */
#ifndef WSN_NOTATION_H
#define WSN_NOTATION_H

#include <wsn/ast.h>

/* A bump allocator: memory lives until the arena is dropped.  Zeroed means ready.  Allocation
 * failure and passing the ceiling end in NULL, and set *failed if there is one; `limit` 0 means 1
 * GiB. */
struct wsn_arena {
    struct wsn_block *blocks;
    size_t used, limit;
    bool *failed;
};
void *wsn_alloc(struct wsn_arena *arena, size_t size);            /* zeroed, aligned for any type */
char *wsn_copy(struct wsn_arena *arena, const char *p, size_t n); /* terminated copy */
void wsn_arena_drop(struct wsn_arena *arena);

/* A growable buffer for printing.  Zeroed means ready; `p` is always terminated once written to;
 * stops growing at `limit` (0: 64 MiB) and sets `full`. */
struct wsn_buffer {
    char *p;
    size_t n, size, limit;
    bool full;
};
void wsn_put(struct wsn_buffer *buffer, const char *p, size_t n);
void wsn_puts(struct wsn_buffer *buffer, const char *s);
void wsn_printf(struct wsn_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void wsn_buffer_drop(struct wsn_buffer *buffer);

/* One thing that is wrong in a file. */
struct wsn_error {
    struct wsn_pos pos;
    uint32_t length;  /* bytes that the caret line underlines, at least 1 */
    const char *text; /* "expected a status or `refuse`, found `foo`" */
};
struct wsn_errors {
    struct wsn_error *list;
    size_t count; /* at most 100 are kept */
    size_t total;
};

/* Parses a whole file.  Never NULL unless memory ends; errors are in *errors, all of them, in order
 * of their place; a case with errors is left out of the file.  Bytes of the source are copied.
 * `name` is for messages. */
struct wsn_file *wsn_parse(struct wsn_arena *arena, const char *name, const char *source,
                           size_t length, struct wsn_errors *errors);

/* The text of an included file, in the arena; NULL when it cannot be read.  `name` is its path as
 * that of the file that includes it leads there. */
typedef const char *wsn_reader(void *context, struct wsn_arena *arena, const char *name,
                               size_t *length);

/* Reads what a file includes and puts the steps of blocks in place of every `use`: in `all` of its
 * cases.  A case with errors is left out.  At most 64 files are included, 16 deep, and a case has
 * at most 10000 steps.  Without a reader nothing can be included. */
void wsn_link(struct wsn_arena *arena, struct wsn_file *file, wsn_reader *read, void *context,
              struct wsn_errors *errors);

/* Does such a step stand behind `>`, or behind `<`? */
bool wsn_sends(enum wsn_step_kind kind);
bool wsn_expects(enum wsn_step_kind kind);

/* Does it take place on a connection? */
bool wsn_on_connection(enum wsn_step_kind kind);

/* Does it ask something of the peer, so that the peer can break a requirement there? */
bool wsn_asks(enum wsn_step_kind kind);

/* Adds an error (used by later passes too); `format` as in printf. */
void wsn_error(struct wsn_arena *arena, struct wsn_errors *errors, struct wsn_pos pos,
               uint32_t length, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* A list of words for messages and suggestions. */
struct wsn_words {
    const char *const *list;
    size_t count;
};
#define WSN_WORDS(array) ((struct wsn_words){(array), sizeof(array) / sizeof *(array)})
/* The word of the list that is close to p, or NULL. */
const char *wsn_suggest(const char *p, size_t n, struct wsn_words words);

/* "name:line:column: error: text", the source line, and a caret line below it.  Control bytes of
 * the source are shown escaped. */
void wsn_error_print(const struct wsn_file *file, const struct wsn_error *error,
                     struct wsn_buffer *out);

/* Canonical text; docs/notation.md says what that is.  `indent` is the number of blanks before the
 * step's line.  A case is printed without the comment lines before it.  Odd bytes in comments are
 * escaped, so a comment may quote a peer. */
void wsn_print(const struct wsn_file *file, struct wsn_buffer *out);
void wsn_print_case(const struct wsn_case *c, struct wsn_buffer *out);
void wsn_print_step(const struct wsn_step *step, unsigned indent, struct wsn_buffer *out);
/* A payload as a script writes it: a quoted string when it is mostly text, else hex(…). */
void wsn_print_bytes(const uint8_t *data, size_t len, struct wsn_buffer *out);

/* Steps that send exactly these bytes on an open connection, each in the highest form that can: a
 * message in fragments, a frame, or raw bytes; in the canonical form, indented as those of a case.
 * `client`: we are one, so that frames are masked unless they say otherwise. */
void wsn_raise(const uint8_t *bytes, size_t len, bool client, struct wsn_buffer *out);

/* Deep equality, positions ignored. */
bool wsn_equal(const struct wsn_file *a, const struct wsn_file *b);

/* "300ms", "2s", "1m": milliseconds, at most a day; -1 if it is none. */
int64_t wsn_duration(const char *p, size_t n);

/* A decimal or 0x number; false if it is none or passes `max`. */
bool wsn_number(const char *p, size_t n, uint64_t max, uint64_t *value);

#endif
