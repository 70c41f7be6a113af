/* program.h - the compiled form of a case: typed steps over the bound syntax tree. */
#ifndef WSS_PROGRAM_H
#define WSS_PROGRAM_H

#include <wsc/scan.h>
#include <wss/stepper.h>

/* The watch that no rule of the decoder serves: how TCP ends shows in no byte. */
#define WSS_CLEAN_END "6455-7.1.1-1"

enum { WSS_CAPTURES = 64 }; /* names that `let` fills in one case */

struct wss_range {
    unsigned lo, hi;
};

enum wss_masking { WSS_MASK_OWN, WSS_MASK_NONE, WSS_MASK_KEY }; /* OWN: as our role demands */

/* `deflated`: how a payload is compressed. */
struct wss_deflated {
    bool on, fresh, final, keep_tail;
    int level;
    unsigned bits; /* of the window; 0: as agreed */
};

/* The modifiers of a send step. */
struct wss_modifiers {
    bool fin;
    uint8_t rsv;
    enum wss_masking masking;
    uint8_t key[4];
    uint8_t form;    /* 0: the shortest */
    uint64_t length; /* as written, when length_set */
    bool length_set;
    struct wss_deflated deflated;
    uint64_t fragment; /* 0: none */
    uint64_t chop;     /* 0: none */
    uint64_t *cuts;    /* ascending */
    size_t cut_count;
    uint64_t pause_ms;
    const char *eol;
    size_t eol_len;
};

struct wss_step;

struct wss_block {
    enum wsn_grade grade;
    const char *why;
    struct wss_step *steps;
    size_t count;
};

struct wss_step {
    enum wsn_step_kind kind;
    const struct wsn_step *ast; /* bound: only run-time variables are left */
    unsigned lane;              /* index into the program's lanes */
    uint8_t opcode;             /* frames and messages */
    bool any_opcode;            /* `< frame` without an opcode word */
    bool any_payload;           /* an expectation that names no payload */
    bool negative;              /* the block of `never` */
    struct wss_range *codes;    /* statuses, Close codes; sorted as written */
    size_t code_count;
    struct wss_modifiers modifiers;
    bool fin_set, rsv_set, mask_set; /* `< frame` asserts only what it names */
    uint64_t ms;                     /* WAIT, SILENT */
    uint64_t count;                  /* REPEAT */
    uint64_t within_ms;              /* 0: patience */
    struct wss_how how;              /* CONNECT */
    uint64_t after_ms;               /* of a period: not earlier than that */
    uint64_t lasting_ms;             /* all of its rounds are over within that time */
    struct wss_block *blocks;        /* EITHER, REPEAT, NEVER */
    size_t block_count;
    const struct wsq_requirement *charge;        /* NULL: the author's own law */
    const struct wsq_requirement **line_charges; /* one a line of the ast */
    bool precondition;                           /* `< 101` without @id in a case that cites */
    bool validated;                              /* a 101 must have all that a valid one has */
    bool answered; /* EXPECT_CLOSE: the script sends our Close itself later on */
    unsigned line; /* in the case's script, from 1 */
};

struct wss_binding {
    const char *name;
    const char *value;
    size_t length;
};

struct wss_program {
    struct wss_block body;
    const char **lanes; /* names; NULL is the unnamed one */
    size_t lane_count;
    const struct wsq_requirement *law;  /* cites[0], NULL when the case cites nothing */
    const char *captures[WSS_CAPTURES]; /* names that `let` fills */
    size_t capture_count;
};

/* Is what this `let` captures secret, by word or by name? */
bool wss_keeps_secret(const struct wsn_step *let);
/* False: there are too many. */
bool wss_program_capture(struct wss_program *program, struct wsn_arena *arena, const char *name);
bool wss_program_captures(const struct wss_program *program, const char *name, size_t n);

/* Names that get their value when a step runs. */
bool wss_runtime_name(const char *name, size_t n);

/* Where a variable's value is looked up.  False: no such variable; *length is then untouched. */
struct wss_env {
    bool (*find)(const struct wss_env *env, const char *name, size_t n, const char **value,
                 size_t *length);
    const void *context;
    /* In a pattern a value means itself, whatever it holds; else it is a part of the pattern. */
    bool literal;
    /* The bytes of file("…") that stands at `pos`, in the arena; NULL when it cannot be read.  May
     * be NULL. */
    const char *(*read)(const struct wss_env *env, struct wsn_arena *arena, struct wsn_pos pos,
                        const char *path, size_t *length);
};

/* Copies of syntax with every variable that `env` knows replaced. */
struct wsn_text wss_bind_text(struct wsn_arena *arena, const struct wss_env *env,
                              const struct wsn_text *text);
struct wsn_step *wss_bind_steps(struct wsn_arena *arena, const struct wss_env *env,
                                const struct wsn_step *steps, size_t count);
struct wsn_payload wss_bind_payload(struct wsn_arena *arena, const struct wss_env *env,
                                    const struct wsn_payload *payload);

/* The text without variables as a terminated string; what is still a variable is left out.  Never
 * NULL: when memory ends it is empty, and the arena has failed. */
const char *wss_plain(struct wsn_arena *arena, const struct wsn_text *text, size_t *length);
/* Has the text a variable left? */
bool wss_has_variable(const struct wsn_text *text);

/* The script of a case: the blocks that it uses, then the case, with an empty line between two. */
char *wss_script(struct wsn_arena *arena, const struct wsn_case *source);
/* The line there of what stands in the source, from 1; 0 when it is not in there. */
unsigned wss_script_line(const struct wsn_case *source, struct wsn_pos pos);
/* Does it stand in a block that the case uses? */
bool wss_in_block(const struct wsn_case *source, struct wsn_pos pos);

/* Compiles bound steps into `block`.  The arena says when it has failed: then they are no plan. */
struct wss_compiler {
    struct wsn_arena *arena;
    struct wsn_errors *errors;
    struct wss_program *program;
    bool server_role;
    const struct wsn_case *source;
    const char *id;
    uint64_t waits_ms;
    bool expects_message;
    bool moves_target;
    bool captures_secrets;
    unsigned branching; /* how many `either` stand around the step at hand */
    size_t failures;    /* errors of this case */
    unsigned fresh;     /* names for `reachable` */
    struct wss_plan *plan;
    const char *file;
};
void wss_compile_steps(struct wss_compiler *compiler, const struct wsn_step *steps, size_t count,
                       struct wss_block *block);
void wss_compile_step(struct wss_compiler *compiler, const struct wsn_step *ast,
                      struct wss_step *step);
void wss_compile_modifier(struct wss_compiler *compiler, const struct wsn_modifier *modifier,
                          struct wss_step *step);
/* What must be known before the run; what is not is told, and stands for nothing. */
const char *wss_token(struct wss_compiler *compiler, const struct wsn_text *text, size_t *length);
uint64_t wss_number_of(struct wss_compiler *compiler, const struct wsn_text *text, uint64_t limit);
uint64_t wss_duration_of(struct wss_compiler *compiler, const struct wsn_text *text); /* ms */
uint64_t wss_count_of(struct wss_compiler *compiler, const struct wsn_text *text, uint64_t limit);
void wss_complain(struct wss_compiler *compiler, struct wsn_pos pos, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const struct wsq_requirement *wss_requirement(struct wss_compiler *compiler,
                                              const struct wsn_text *id);

/* Fills in `charges` of a compiled case. */
void wss_find_charges(struct wsn_arena *arena, struct wss_case *test);
/* Fills in `connections` of a compiled case. */
void wss_count_connections(struct wsn_arena *arena, struct wss_case *test);

/* Checks that need the whole compiled case: equal payloads around an offence, branches that cannot
 * be told apart, a changed request whose 101 is charged to nothing. */
void wss_lint(struct wss_compiler *compiler, const struct wss_block *body);

/* The bytes of a payload whose variables are all bound.  `draw` seeds random(N); NULL when memory
 * ends or the payload holds what has no bytes (a regex). */
uint8_t *wss_payload_bytes(struct wsn_arena *arena, const struct wsn_payload *payload,
                           uint64_t draw, size_t *length);
/* How many they are, without making them. */
bool wss_payload_length(struct wsn_arena *arena, const struct wsn_payload *payload, size_t *length);
/* Writes them to `out`, which has room for that many. */
bool wss_payload_write(struct wsn_arena *arena, const struct wsn_payload *payload, uint64_t draw,
                       uint8_t *out, size_t length);
/* Is the payload free of variables, regexes and JSON patterns? */
bool wss_payload_constant(const struct wsn_payload *payload);
/* Is it `~/…/` or `json {…}`? */
bool wss_payload_pattern(const struct wsn_payload *payload);

/* What a pattern found.  `starved` and `failed` are never unset: they mean that it could not be
 * tried, so that the answer says nothing. */
struct wss_trial {
    bool *starved;      /* set when memory ends */
    const char *failed; /* a sentence: what else was in the way */
    const char *why;    /* a sentence, when it is not met */
};

/* Does the JSON or regex pattern meet the data?  A regular expression sees characters of a `text`,
 * else bytes. */
bool wss_pattern_meets(struct wss_trial *trial, const struct wsn_term *term, bool text,
                       const uint8_t *data, size_t len);
bool wss_regex_meets(struct wss_trial *trial, bool text, const char *pattern, size_t pattern_len,
                     const char *data, size_t len);
bool wss_size_valid(struct wsn_arena *arena, const struct wsn_text *text); /* of random(N), * N */
bool wss_json_valid(const char *pattern, size_t n);
/* A place in a JSON value, as `.user.ids[0]`; empty: the value itself. */
bool wss_json_path_valid(const char *path);
/* What stands there: a string as its bytes, anything else as JSON text, in the arena.  NULL when
 * there is nothing, or the data is no JSON. */
const char *wss_json_at(struct wss_trial *trial, struct wsn_arena *arena, const uint8_t *data,
                        size_t len, const char *path, size_t *length);
/* Tells every string that stands in a JSON value, and every number as it would be written. */
void wss_json_leaves(bool *starved, const char *text, size_t n, void *context,
                     void (*tell)(void *context, const char *value, size_t n));
/* NULL if the pattern compiles; else what is wrong with it, in the arena. */
const char *wss_regex_error(struct wsn_arena *arena, const char *pattern, size_t n, bool text);

/* Random streams: splitmix64. */
uint64_t wss_mix(uint64_t seed, const char *text); /* a stream's seed from a parent and a name */
uint64_t wss_draw(uint64_t *state);
void wss_draw_bytes(uint64_t *state, uint8_t *out, size_t n);

#endif
