# cmake -DOUT=file.c -DDIR=folder -DNAME=embedded_cases -P embed.cmake
# Writes a C file that holds every *.wst of the folder, in the order of their names, as the array NAME.
file(GLOB files RELATIVE "${DIR}" "${DIR}/*.wst")
list(SORT files)
set(arrays "")
set(rows "")
set(count 0)
foreach(name IN LISTS files)
  file(READ "${DIR}/${name}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}") # a line of text a line
  string(APPEND arrays "static const unsigned char text_${count}[] = {\n${bytes}0};\n")
  string(APPEND rows "    {\"${name}\", text_${count}, sizeof text_${count} - 1},\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUT}.new" "/* Written by embed.cmake. */
#include \"embedded.h\"

${arrays}
const struct embedded ${NAME}[] = {
${rows}    {0, 0, 0},
};
")
file(COPY_FILE "${OUT}.new" "${OUT}" ONLY_IF_DIFFERENT)
file(REMOVE "${OUT}.new")
