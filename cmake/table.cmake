# cmake -DTABLE=requirements.tsv -DOUT=catalogue.def -P table.cmake
# Turns a table of tab-separated cells, its first line left out, into one ROW("…", …) a line; "-" is the empty
# cell, and a grade behind who is bound becomes a constant.  A row with a cell too few or an unknown grade does not
# compile.  The text stays one string, so neither ';' nor '[' mean anything to CMake.
file(READ "${TABLE}" text)
string(FIND "${text}" "\n" names) # the first line
math(EXPR names "${names} + 1")
string(SUBSTRING "${text}" ${names} -1 text)
string(STRIP "${text}" text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "?" "\\?" text "${text}") # no trigraphs
string(REPLACE "\t" "\", \"" text "${text}")
string(REPLACE "\n" "\")\nROW(\"" text "${text}")
set(text "ROW(\"${text}\")\n")
string(REPLACE ", \"-\"" ", \"\"" text "${text}")
string(REGEX REPLACE "\"(client|server|both|intermediary)\", \"(NA|INFO|WARN|FAIL|DUP)\""
       "\"\\1\", WSQ_GRADE_\\2" text "${text}")
file(WRITE "${OUT}" "${text}")
