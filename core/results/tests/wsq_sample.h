/* wsq_sample.h - runs for the tests of whoever reads the model.
 *
 * The small one has every verdict, expected and unexpected, and text as hostile as a peer can send
 * it: markup,
 * `]]>`, terminal escapes, bytes that are not UTF-8, U+FFFE, ways out of a script.  It is the same
 * each time.
 */
#ifndef WSQ_SAMPLE_H
#define WSQ_SAMPLE_H

#include <wsq/result.h>

void wsq_sample_run(struct wsq_run *run);

/* `count` cases of a size that a real run has, every verdict among them. */
void wsq_sample_big(struct wsq_run *run, size_t count);

/* Text that no writer may let through as it stands. */
extern const char wsq_sample_hostile[];

#endif
