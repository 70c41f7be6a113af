/* wsp/registry.h - from a row of mutants.def or liberties.def to its function. */
#ifndef WSP_REGISTRY_H
#define WSP_REGISTRY_H

#include "filter.h"

#define MUTANT(id, requirement, kind, function, killed_by, what) wsp_filter_function function;
#include "mutants.def"
#undef MUTANT
#define LIBERTY(id, requirement, choice, function, warns, what) wsp_filter_function function;
#include "liberties.def"
#undef LIBERTY

wsp_filter_function *wsp_registry_function(const struct wsp_filter_info *info);

#endif
