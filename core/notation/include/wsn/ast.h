/* wsn/ast.h - what a script says, before any variable has a value.
 *
 * A file is cases; a case is clauses and steps; a step is one line and the deeper lines that belong
 * to it. Everything a reader may write as `$name` is a `wsn_text`: a template.  Comments are kept,
 * so that printing loses nothing.  All memory belongs to the arena that the file was parsed into;
 * nothing is freed alone.
 */
#ifndef WSN_AST_H
#define WSN_AST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WSN_MAX_REPEAT = 1000000,
    WSN_MAX_CLIENTS = 1000,
    WSN_MAX_PAYLOAD = 64 << 20 /* bytes */
};

struct wsn_pos {
    uint32_t line, column; /* from 1; column counts bytes.  0: unknown */
    uint32_t source;       /* 0: the file itself; else sources[source - 1] of the file */
};

/* A template: literal bytes and variables in turn.  Escapes and `$$` are already resolved.  One
 * that is not quoted holds no control bytes, and no blanks where a single word stands. */
struct wsn_part {
    bool variable;
    const char *p; /* the literal bytes, or the variable's name; not terminated */
    size_t n;
};
struct wsn_text {
    struct wsn_part *parts;
    size_t count; /* 0: the empty text */
    bool quoted;  /* was written in quotes */
    bool present;
    struct wsn_pos pos;
};

/* A payload: terms joined by '+'. */
enum wsn_term_kind {
    WSN_TERM_TEXT,   /* "…" or a bare $name (text: one variable part, not quoted) */
    WSN_TERM_HEX,    /* hex(00 ff): text is the bytes, unless it holds a variable */
    WSN_TERM_BASE64, /* base64(…): likewise */
    WSN_TERM_RANDOM, /* random(N): text is N */
    WSN_TERM_JSON,   /* json(N): generated */
    WSN_TERM_PROSE,  /* prose(N): generated */
    WSN_TERM_FILE,   /* file("x.bin") */
    WSN_TERM_REGEX,  /* ~/…/: text is the pattern (\/ resolved); only expected, and alone */
    WSN_TERM_VALUE   /* json {…}: text is the JSON source; only expected, and alone */
};
struct wsn_term {
    enum wsn_term_kind kind;
    struct wsn_text text;
    struct wsn_text times; /* the factor after '*'; absent: once */
};
struct wsn_payload {
    struct wsn_term *terms;
    size_t count;
    bool present;
};

/* A modifier after the payload: `fin=0`, `deflated`, `deflated(level=9 fresh)`. */
struct wsn_modifier {
    const char *name;               /* one of the names of SCRIPT.md; terminated */
    struct wsn_text value;          /* absent for a bare word */
    struct wsn_modifier *arguments; /* of deflated(…) */
    size_t argument_count;
    struct wsn_pos pos;
};

/* A deeper line of a handshake step. */
enum wsn_line_kind {
    WSN_LINE_SET,       /* `Name: value`: replaces or adds (sent); asserts (expected) */
    WSN_LINE_ADD,       /* `+Name: value` (sent) */
    WSN_LINE_REMOVE,    /* `-Name` (sent) */
    WSN_LINE_RAW,       /* a line that begins with '"' (sent): `payload`, its line end included */
    WSN_LINE_BODY,      /* `body PAYLOAD` (sent or expected) */
    WSN_LINE_ANY,       /* `Name: *`: present (expected) */
    WSN_LINE_MATCH,     /* `Name: ~/regex/` (expected) */
    WSN_LINE_ABSENT,    /* `!Name` (expected) */
    WSN_LINE_EXTENSION, /* `extension NAME [param[=value|=8..10]] [!param]` (expected) */
    WSN_LINE_NO_EXTENSION, /* `!extension NAME` */
    WSN_LINE_COMMENT       /* a comment on a line of its own: comment */
};
struct wsn_param {
    bool absent;                 /* `!param` */
    struct wsn_text name, value; /* value absent: any; "8..10": a range */
};
struct wsn_line {
    enum wsn_line_kind kind;
    struct wsn_text name;
    struct wsn_text value; /* SET, ADD: the value as written; MATCH: the pattern */
    struct wsn_payload payload;
    struct wsn_param *params;
    size_t param_count;
    struct wsn_text charge; /* `@id` at the line's end */
    const char *comment;    /* at the line's end, without '#'; NULL if none */
    struct wsn_pos pos;
};

enum wsn_step_kind {
#define STEP(kind, word, place, tail) WSN_##kind,
#include <wsn/steps.def>
#undef STEP
};

struct wsn_step {
    enum wsn_step_kind kind;
    const char *connection; /* "bob" in `bob> …`; NULL: the unnamed one */
    struct wsn_text verb; /* the first word behind the arrow where the kind leaves a choice: method,
                           * frame type, opcode word; may be one $name for frame types */
    struct wsn_text target;     /* SEND_REQUEST: absent is the URL's own path */
    struct wsn_text version;    /* SEND_REQUEST: "HTTP/1.0"; absent: HTTP/1.1 */
    bool open, plain;           /* SEND_REQUEST: `open`, `plain` */
    bool secret;                /* LET: `let secret NAME = …` */
    struct wsn_payload payload; /* frames, raw; a quoted first line of a request or response */
    struct wsn_text *codes;     /* statuses, close or fail codes, in the order written */
    size_t code_count;
    struct wsn_payload reason;      /* of close; expected ones may be a regex */
    struct wsn_modifier *modifiers; /* each name once; opcode stands first */
    size_t modifier_count;
    struct wsn_line *lines;
    size_t line_count;
    struct wsn_text name, value; /* see the kinds */
    struct wsn_branch *branches; /* EITHER; REPEAT and NEVER have one */
    size_t branch_count;
    struct wsn_text within; /* `within 2s` */
    struct wsn_text every, tolerance,
        lasting;            /* EXPECT_MESSAGE, _FRAME: `every 3s ± 500ms for 9s` */
    struct wsn_text charge; /* `@id`, without '@' */
    const char
        *comment; /* at the line's end or, for COMMENT, the whole; without '#', NULL if none */
    struct wsn_pos pos;
};

enum wsn_grade { WSN_GRADE_NONE, WSN_GRADE_WARN, WSN_GRADE_INFO };

struct wsn_branch {
    enum wsn_grade grade; /* `or warn "why"`, `or info "why"` */
    struct wsn_text why;
    struct wsn_step *steps;
    size_t step_count;
    const char *comment; /* at the end of the `or` line; that of the `either` line is the step's */
    struct wsn_pos pos;
};

/* `each code = 1000 1001`, or a table.  A cell is the bytes of its term: a quoted string's content,
 * a bare word as it is, hex(…) decoded; cells keep the term for printing. */
struct wsn_each {
    const char **names;
    size_t name_count;
    bool table;
    struct wsn_term *cells; /* row_count x name_count; bare words are TEXT, not quoted */
    size_t row_count;
    struct wsn_pos pos;
    const char *comment; /* at the end of the first line */
    const char *
        *row_comments; /* of a table: one a row, NULL for a row without; or NULL for none at all */
};

enum wsn_clause_kind {
    WSN_CLAUSE_TITLE,    /* text */
    WSN_CLAUSE_CITES,    /* words */
    WSN_CLAUSE_NEEDS,    /* words */
    WSN_CLAUSE_ROLE,     /* words[0]: client or server */
    WSN_CLAUSE_EACH,     /* each */
    WSN_CLAUSE_SET,      /* words[0] = name, text = value */
    WSN_CLAUSE_TIMEOUT,  /* text: duration */
    WSN_CLAUSE_AUTOBAHN, /* words */
    WSN_CLAUSE_WATCH,    /* words: requirement ids */
    WSN_CLAUSE_COMMENT
};
struct wsn_clause {
    enum wsn_clause_kind kind;
    struct wsn_text text;
    struct wsn_text *words;
    size_t word_count;
    struct wsn_each each;
    const char *comment;
    struct wsn_pos pos;
};

/* A case, or a block of steps that cases use: `def NAME`, whose id is its name and whose only
 * clause is `role`. */
struct wsn_case {
    struct wsn_text id;
    struct wsn_clause *clauses; /* in the order written */
    size_t clause_count;
    struct wsn_step *steps; /* as written */
    size_t step_count;
    const char **before; /* comment lines between the previous case and this one, with their '#'; ""
                          * is an empty line */
    size_t before_count;
    const char *comment;
    struct wsn_pos pos;
    size_t from, to; /* the case's lines in the source, as byte offsets: source[from..to) */
    bool server;     /* `role server` */
    const char *source;
    /* By wsn_link: the steps with those of the blocks in place of every `use`, and those blocks,
     * each once, each behind those that it uses. */
    struct wsn_step *all;
    size_t all_count;
    const struct wsn_case **used;
    size_t used_count;
};

/* `include "common.wst"` */
struct wsn_include {
    struct wsn_text path; /* without variables */
    const char **before;
    size_t before_count;
    const char *comment;
    struct wsn_pos pos;
    struct wsn_file *file; /* by wsn_link */
};

/* First what it includes, then its blocks, then its cases. */
struct wsn_file {
    const char *name;   /* as given to wsn_parse */
    const char *source; /* the text, owned by the arena */
    size_t length;
    struct wsn_include *includes;
    size_t include_count;
    struct wsn_case *blocks;
    size_t block_count;
    struct wsn_case *cases;
    size_t case_count;
    const char **after; /* comment lines behind the last case, as in before */
    size_t after_count;
    /* By wsn_link: all files that it includes, and that those do. */
    struct wsn_file **sources;
    size_t source_count;
};

#endif
