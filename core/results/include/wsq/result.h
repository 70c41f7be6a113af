/* wsq/result.h - what a run found: the model that every report is written from.
 *
 * Knows neither how a result came about nor any report format.  Strings are UTF-8 or, where marked `bytes`,
 * whatever the peer sent, kept as printable text by the one who fills them in.  A run owns all it holds.
 */
#ifndef WSQ_RESULT_H
#define WSQ_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wsq/catalogue.h>

enum wsq_verdict {
    WSQ_PASS,
    WSQ_INFO,
    WSQ_WARN,
    WSQ_FAIL,
    WSQ_FLAKY,
    WSQ_SKIP,
    WSQ_ERROR
};
const char *wsq_verdict_name(enum wsq_verdict verdict); /* "pass" … */
bool wsq_verdict_parse(const char *name, enum wsq_verdict *verdict);
bool wsq_verdict_judged(enum wsq_verdict verdict); /* all but skip and error */

/* One thing that the peer did against the script. */
struct wsq_fault {
    char *requirement;     /* charged: an id of the catalogue, or NULL for an author's own law */
    enum wsq_verdict verdict; /* fail, warn or info */
    bool seen;             /* a wrong thing came; false: a thing did not come */
    unsigned line;         /* of the case's script, from 1 at its `case` line; 0: none */
    char *step;            /* the step as the script has it */
    char *expected;        /* "Close 1002" */
    char *saw;             /* "text \"hello\"", "nothing within 2 s" */
    char *why;             /* one sentence more, or NULL */
};

/* A rule that the peer's bytes broke somewhere in a conversation, or gave occasion to break. */
struct wsq_sighting {
    char *requirement;
    char *connection; /* NULL: the unnamed one */
    uint64_t at;      /* byte offset in its direction */
    char *sentence;   /* what was wrong */
};

/* A run of bytes on a connection, in the order in which the case saw them. */
struct wsq_wire {
    bool sent;         /* by us */
    char *connection;  /* NULL: the unnamed one */
    uint64_t at_ms;    /* since the case began */
    uint64_t offset;   /* in its direction */
    uint8_t *bytes;    /* at most 1 KiB kept a chunk */
    size_t kept;
    uint64_t length;   /* what there was */
    size_t head;       /* of a frame: where its payload begins; 0: no frame */
    char *what;        /* "GET /…", "text", "close 1002", … */
};

struct wsq_attempt {
    enum wsq_verdict verdict;
    char *reason; /* NULL, or why */
    uint64_t ms;
};

struct wsq_case {
    char *id;
    char *title;
    char *suite;            /* the id's first part: "5.1", "auth" */
    enum wsq_verdict verdict;
    char *reason;           /* one line: why it is not a pass; NULL for pass */
    char **cites;
    size_t cite_count;
    char **autobahn;
    size_t autobahn_count;
    struct wsq_fault *faults;
    size_t fault_count;
    struct wsq_sighting *violations;
    size_t violation_count;
    char **occasions;       /* requirement ids that the bytes gave occasion to break */
    size_t occasion_count;
    struct wsq_attempt *attempts; /* all, in order */
    size_t attempt_count;
    bool slow;              /* judged by the second, calm attempt */
    bool watch;             /* judged from the whole run */
    uint64_t started_ms;    /* since the run began */
    uint64_t ms;            /* of the attempt that counts */
    uint64_t waited_ms;     /* the script's own fixed waits */
    char *script;           /* the case as it was run, source text */
    char *transcript;       /* what happened, in the notation */
    struct wsq_wire *wire;
    size_t wire_count;
    char *replay;           /* the command that runs this case alone */
    /* Set when expectations are applied: */
    bool unexpected;
    char *expectation;      /* "fail  # known: unmasked frames accepted", or NULL */
};

/* What the target accepts of one thing: a fact, never a fault. */
struct wsq_limit {
    char *name;       /* "message", "frame", "idle" … */
    char *what;       /* "largest message" */
    char *unit;       /* "bytes", "connections" …; "ms": a time after which it ends the connection */
    uint64_t held;    /* so much was accepted, or so long was waited; 0: not even the least tried */
    uint64_t refused; /* so much was not; 0: no refusal was met.  Of a time: it ended then */
    char *how;        /* what came instead: "close 1009", or NULL */
};

/* "largest message: 1048576 bytes; with one more: close 1009", to be freed; NULL when memory ends. */
char *wsq_limit_text(const struct wsq_limit *limit);

struct wsq_run {
    char *target;       /* as printed, secrets redacted */
    char *version;      /* of wsproof */
    char *started;      /* RFC 3339, UTC */
    uint64_t seed;
    unsigned jobs;
    uint64_t ms;        /* wall time */
    char *profile;      /* what the probe learned, one line a fact, '\n' between them */
    char *server;       /* the Server field of the target's answers, or NULL */
    struct wsq_limit *limits; /* none, unless they were asked for */
    size_t limit_count;
    bool complete;      /* the run reached its end */
    char *incomplete;   /* why not */
    size_t planned;     /* cases in the plan */
    unsigned shard;     /* which part of the plan this run is, from 1; 0: the whole */
    unsigned shards;    /* of how many */
    size_t whole;       /* cases of all shards together, without the watches, which no shard judges */
    char **watches;     /* the ids of those that are to be judged, by the run or when its parts are merged */
    size_t watch_count;
    struct wsq_case *cases;
    size_t case_count;
    char **complaints;  /* unexpected things that belong to no case: stale expectations … */
    size_t complaint_count;
};

struct wsq_totals {
    size_t of[WSQ_ERROR + 1];
    size_t judged;          /* neither skip nor error */
    size_t unexpected;      /* cases; complaints are not counted */
    size_t expected_faults; /* fail, warn, flaky and error that an expectation names */
};
void wsq_totals(const struct wsq_run *run, struct wsq_totals *totals);

/* The gate: the run reached its end, no case is unexpected, and there are no complaints. */
bool wsq_run_as_expected(const struct wsq_run *run);

void wsq_run_drop(struct wsq_run *run);   /* frees all it owns; the struct is zeroed */
void wsq_case_drop(struct wsq_case *c);

/* Appends a case, taking over all that it owns: *c is zeroed.  False when memory ends; *c is unchanged
 * then.  The list `cases` must be grown by nothing else. */
bool wsq_run_add(struct wsq_run *run, struct wsq_case *c);

/* Appends a copy of the complaint; false when memory ends. */
bool wsq_run_complain(struct wsq_run *run, const char *complaint);

/* The case list sorted by id in natural order (5.9 before 5.10). */
void wsq_run_sort(struct wsq_run *run);

/* Below, above or equal to 0 as strcmp: runs of digits compare as numbers of any length.  0 only for equal
 * strings. */
int wsq_natural(const char *a, const char *b);

/* The next line of a script that waits a fixed time ("silent 300ms", "wait 1s", "… pause=10ms"), without its
 * indentation; *script moves behind it.  NULL when there is none. */
const char *wsq_next_wait(const char **script, size_t *length);

/* Copies NULL as NULL; also NULL when memory ends. */
char *wsq_dup(const char *s);
char *wsq_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
