/* wsq/catalogue.h - the requirements of the RFCs, as data.
 *
 * The rows of corpus/requirements.tsv, embedded at build time and immutable.  The table is kept in the
 * natural order of its ids.
 */
#ifndef WSQ_CATALOGUE_H
#define WSQ_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>

enum wsq_grade { WSQ_GRADE_NA, WSQ_GRADE_INFO, WSQ_GRADE_WARN, WSQ_GRADE_FAIL, WSQ_GRADE_DUP };

struct wsq_requirement {
    const char *id;        /* "6455-5.2-1" */
    const char *rfc;       /* "6455" */
    const char *section;   /* "5.2" */
    const char *level;     /* MUST, SHOULD, MAY */
    const char *binds;     /* client, server, both, intermediary */
    enum wsq_grade grade;
    const char *same_as;   /* "" or the id of the row that is tested instead */
    const char *observable;
    const char *statement; /* one sentence in our words */
    const char *probe_server, *probe_client, *mutant, *note; /* "" when the table has '-' */
    const char *no_case;   /* why no case for servers tests it; "" if one does, or none is asked for */
    const char *no_mutant; /* why no mutant breaks it; "" likewise */
    const char *fix;       /* how the usual mistake is mended; "" if there is nothing to say */
};

size_t wsq_requirement_count(void);
const struct wsq_requirement *wsq_requirement_at(size_t i); /* in the order of the table */
const struct wsq_requirement *wsq_requirement(const char *id); /* NULL if unknown */

/* The row that judges: follows same_as as far as it leads.  Never NULL for a row of the table. */
const struct wsq_requirement *wsq_requirement_judged(const struct wsq_requirement *row);

/* Writes "RFC 6455, section 5.2" into out. */
void wsq_requirement_place(const struct wsq_requirement *row, char *out, size_t size);

#endif
