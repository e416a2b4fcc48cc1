# What every file of ours is compiled with. Third-party headers are SYSTEM, so warnings are ours.
# They are g++'s business, and clang-tidy's.
add_library(stepback_flags INTERFACE)
target_compile_options(stepback_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 -Wimplicit-fallthrough -Werror
  -Wno-missing-field-initializers  # g++ 12 warns of designated initialisers, whose point this is
  -Wno-restrict -Wno-maybe-uninitialized  # and has false alarms in optimised strings and <regex>
  # What clang-tidy would stop at: g++'s options, and what the standard library does inside.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-unknown-warning-option$<SEMICOLON>-Wno-deprecated-declarations>
  -fstack-protector-strong -fstack-clash-protection -fcf-protection)
target_compile_definitions(stepback_flags INTERFACE STEPBACK_VERSION="${PROJECT_VERSION}")
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(stepback_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif()
target_compile_definitions(stepback_flags INTERFACE _GLIBCXX_ASSERTIONS)

set(STEPBACK_SANITIZE "" CACHE STRING "address,undefined or thread")
if(STEPBACK_SANITIZE)
  target_compile_options(stepback_flags INTERFACE -fsanitize=${STEPBACK_SANITIZE}
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(stepback_flags INTERFACE -fsanitize=${STEPBACK_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # which builds them in half of g++'s time
    target_compile_options(stepback_flags INTERFACE -w)
    target_link_options(stepback_flags INTERFACE -fuse-ld=lld-19)
  endif()
endif()

option(STEPBACK_FUZZ "the fuzzers in tests/fuzz; wants clang" OFF)
if(STEPBACK_FUZZ)
  target_compile_options(stepback_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

option(STEPBACK_COVERAGE "line and branch counters" OFF)
if(STEPBACK_COVERAGE)
  target_compile_options(stepback_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(stepback_flags INTERFACE --coverage)
endif()

# One static program: no loader, no shared library to miss on another machine.
function(stepback_static target)
  if(NOT STEPBACK_SANITIZE AND NOT STEPBACK_COVERAGE)
    target_compile_options(${target} PRIVATE -fPIE)
    target_link_options(${target} PRIVATE -static-pie -Wl,-z,relro,-z,now,-z,noexecstack
      -Wl,--gc-sections,-z,pack-relative-relocs)
  endif()
endfunction()
