/* wsh/evidence.h - when an attempt settles a case, and when it must be made again.
 *
 * SCRIPT.md, Evidence: presence is believed, absence is confirmed.  Pure: outcomes in, a decision
 * out.
 *
 *   - What was not seen counts only if a second attempt, in a calm phase, ends the same way; else
 * the second verdict stands, marked `slow`.
 *   - A fault that was seen is shown once more at once; if it does not come again the case is
 * `flaky`.  An attempt in between that waited in vain, and not in a calm phase, is no answer.
 *   - A connection that was refused or reset before any answer is tried again, with fewer at once,
 * and the last time in the calm phase: a kernel whose queue is full lets clients wait for seconds.
 *   - A fault of a refused handshake holds only while the plain handshake is accepted.
 *   - Once memory ends, of an attempt or here, the verdict is `error`, whatever else was seen.
 */
#ifndef WSH_EVIDENCE_H
#define WSH_EVIDENCE_H

#include <wss/stepper.h>

enum { WSH_REFUSALS_MAX = 3 };

enum wsh_move {
    WSH_SETTLE, /* the case is judged: wsh_evidence_result */
    WSH_AGAIN,  /* make another attempt now */
    WSH_FEWER,  /* the same, after running fewer cases at once */
    WSH_CALM,   /* make another attempt in the calm phase */
    WSH_CONTROL /* ask whether the plain handshake is accepted: wsh_evidence_control */
};

/* What is known of one case.  Zeroed means ready. */
struct wsh_evidence {
    struct wss_outcome first; /* the attempt that a second one must confirm */
    bool has_first;
    struct wss_outcome last; /* the attempt that the present decision rests on */
    bool has_last;
    bool slow, flaky;
    bool starved; /* memory ended: the case is settled, `error` */
    bool calm;    /* an attempt in the calm phase was asked for */
    bool controlled;
    unsigned refusals;
    struct wsq_attempt *attempts;
    size_t attempt_count;
};

/* Takes over the outcome of an attempt and decides. */
enum wsh_move wsh_evidence_add(struct wsh_evidence *evidence, struct wss_outcome *outcome);
/* After WSH_CONTROL: the plain handshake was accepted or not.  The case is then settled. */
void wsh_evidence_control(struct wsh_evidence *evidence, bool accepted);
/* The target's process ended while the case ran alone, for the second time: settled, `fail`,
 * charged to the first requirement that the case cites. */
void wsh_evidence_died(struct wsh_evidence *evidence, struct wss_outcome *outcome,
                       const char *words);
/* The settled case; evidence is empty afterwards.  False when there is none. */
bool wsh_evidence_result(struct wsh_evidence *evidence, struct wsq_case *out);
void wsh_evidence_drop(struct wsh_evidence *evidence);
/* Memory ended: the case is `error`, and keeps what the watches go by.  What else it told may be
 * half. */
void wsh_case_starve(struct wsq_case *c);

#endif
