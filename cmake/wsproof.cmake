# What every layer shares: options, warnings, and one function a kind of target.

option(WSPROOF_TESTS "build the unit tests" ON)
option(WSPROOF_WERROR "treat warnings as errors" OFF)
option(WSPROOF_COVERAGE "instrument for gcov" OFF)
set(WSPROOF_SANITIZE "" CACHE STRING "value for -fsanitize=, empty for none")
set(WSPROOF_FUZZ "" CACHE STRING "engine of the fuzz targets: libfuzzer, afl, or empty for the replay driver")

add_library(wsproof_flags INTERFACE)
target_compile_options(wsproof_flags INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
  -Wundef -Wpointer-arith -Wcast-qual -Wswitch-enum -fno-common)
if(WSPROOF_WERROR)
  target_compile_options(wsproof_flags INTERFACE -Werror)
endif()
if(WSPROOF_SANITIZE)
  target_compile_options(wsproof_flags INTERFACE
    -fsanitize=${WSPROOF_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(wsproof_flags INTERFACE -fsanitize=${WSPROOF_SANITIZE})
endif()
if(WSPROOF_COVERAGE)
  target_compile_options(wsproof_flags INTERFACE --coverage)
  target_link_options(wsproof_flags INTERFACE --coverage)
endif()
if(WSPROOF_FUZZ STREQUAL "libfuzzer")
  target_compile_options(wsproof_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# wsproof_layer(NAME SOURCES file… [USES target…] [PRIVATE_USES target…])
# A static library whose headers are found in its own include folder only, so that an include
# which the layer may not know does not compile.
function(wsproof_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE_USES} $<BUILD_INTERFACE:wsproof_flags>)
endfunction()

# wsproof_program(NAME SOURCES file… [USES target…])
function(wsproof_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_USES} wsproof_flags)
endfunction()

# wsproof_test(NAME SOURCES file… [USES target…] [ARGS arg…])
# A Check program that ctest runs; tests find their data below WSPROOF_SOURCE_DIR.
function(wsproof_test name)
  if(NOT WSPROOF_TESTS)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "SOURCES;USES;ARGS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_USES} PkgConfig::CHECK wsproof_flags)
  target_compile_definitions(${name} PRIVATE WSPROOF_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name} ${arg_ARGS})
  # Check gives a row 4 s, which a busy machine can take for anything; only a hang needs an end.
  set_tests_properties(${name} PROPERTIES TIMEOUT 300 ENVIRONMENT CK_DEFAULT_TIMEOUT=240)
endfunction()
