# The headers that nearly every file includes, compiled once. Only the tests' presets have it: the
# release build stays without, so that a file that forgets an include doesn't compile there, and
# each source proves its own header, its first include, to stand alone.
option(STEPBACK_PRECOMPILE "compile the common headers once" OFF)

add_library(stepback_common OBJECT ${CMAKE_SOURCE_DIR}/cmake/often_included.cpp)
target_link_libraries(stepback_common PUBLIC stepback_flags)
if(STEPBACK_PRECOMPILE)
  # With them g++ 12 has false alarms about std::string; the release build has all warnings on.
  target_compile_options(stepback_flags INTERFACE
    -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  target_precompile_headers(stepback_common PRIVATE
    <algorithm> <array> <atomic> <charconv> <chrono> <cstdint> <cstring> <expected> <filesystem>
    <fstream> <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string>
    <string_view> <thread> <unordered_map> <utility> <variant> <vector> <fmt/core.h>)
endif()

function(stepback_precompiled target)
  if(STEPBACK_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM stepback_common)
    target_compile_options(${target} PRIVATE -fPIC)  # as they were compiled, in an executable too
  endif()
endfunction()
