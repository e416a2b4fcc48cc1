# The headers that nearly every file includes, compiled once. Only the tests' presets have it: the
# release build stays without, so that a file that forgets an include doesn't compile there, and
# each source proves its own header, its first include, to stand alone.
option(STEPBACK_PRECOMPILE "compile the common headers once" OFF)

# stepback_precompile(NAME HEADERS...): an object library that compiles them for those who reuse it.
function(stepback_precompile name)
  add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/often_included.cpp)
  target_link_libraries(${name} PUBLIC stepback_flags)
  if(STEPBACK_PRECOMPILE)
    target_precompile_headers(${name} PRIVATE
      <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <expected> <filesystem>
      <fstream> <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string>
      <string_view> <thread> <unordered_map> <utility> <variant> <vector> <boost/json.hpp>
      <fmt/core.h> ${ARGN})
  endif()
endfunction()

if(STEPBACK_PRECOMPILE)
  # With them g++ 12 has false alarms about std::string; the release build has all warnings on.
  target_compile_options(stepback_flags INTERFACE
    -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()
stepback_precompile(stepback_common)

# stepback_precompiled(TARGET [COMMON]): TARGET uses what COMMON compiled.
function(stepback_precompiled target)
  if(STEPBACK_PRECOMPILE)
    set(known stepback_common ${ARGN})
    list(GET known -1 common)
    target_precompile_headers(${target} REUSE_FROM ${common})
    target_compile_options(${target} PRIVATE -fPIC)  # as they were compiled, in an executable too
  endif()
endfunction()
