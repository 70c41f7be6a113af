/* scarce.h - memory that ends: one allocation of the code under test fails.
 *
 * The linker's --wrap brings every malloc, calloc and realloc of the program here, those of the
 * libraries under it apart; tests link to the target `scarce` for it.
 */
#ifndef SCARCE_H
#define SCARCE_H

#include <stdbool.h>

/* From now on the n-th allocation (from 0) fails, and only that one. */
void scarce_begin(unsigned n);

/* While held, none fails and none counts: for what stands in for the other side. */
void scarce_hold(bool held);

/* Memory is plenty again.  Did one fail?  False: there were no more than n. */
bool scarce_end(void);

#endif
