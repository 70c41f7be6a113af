# cmake -DFILE=page.css -DSYMBOL=wsr_page_css -DOUT=page_css.c -P embed.cmake
# Writes the file as an array of bytes, a 0 behind them, and its length without the 0.
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(....................................................................................................)"
       "\\1\n    " bytes "${bytes}")
file(WRITE "${OUT}" "#include \"html/assets.h\"\n\nconst unsigned char ${SYMBOL}[] = {\n    ${bytes}0};\n"
     "const size_t ${SYMBOL}_length = sizeof ${SYMBOL} - 1;\n")
