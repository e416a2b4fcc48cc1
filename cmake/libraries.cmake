# Debian's libraries, by the archive where there is one: the program is linked statically.
# Each is an INTERFACE target, so that a room names what it uses and nothing else.
find_package(Threads REQUIRED)

function(stepback_library name)
  cmake_parse_arguments(LIB "" "" "ARCHIVES;LINK;DEFINE" ${ARGN})
  add_library(lib_${name} INTERFACE)
  foreach(archive ${LIB_ARCHIVES})
    find_library(STEPBACK_${archive} NAMES lib${archive}.a REQUIRED)
    target_link_libraries(lib_${name} INTERFACE ${STEPBACK_${archive}})
  endforeach()
  target_link_libraries(lib_${name} INTERFACE ${LIB_LINK})
  target_compile_definitions(lib_${name} INTERFACE ${LIB_DEFINE})
endfunction()

stepback_library(crypto ARCHIVES crypto LINK Threads::Threads dl)
stepback_library(tls ARCHIVES ssl crypto LINK Threads::Threads dl)  # in this order, in one list
add_library(stepback_formatting STATIC ${CMAKE_SOURCE_DIR}/cmake/formatting.cpp)
stepback_library(fmt LINK stepback_formatting)
stepback_library(spdlog LINK lib_fmt DEFINE SPDLOG_FMT_EXTERNAL)  # used header-only
stepback_library(json ARCHIVES boost_json boost_container)
stepback_library(url ARCHIVES boost_url)
stepback_library(cares ARCHIVES cares)
stepback_library(beast LINK lib_tls lib_cares Threads::Threads
  DEFINE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
if(STEPBACK_SANITIZE STREQUAL "thread")
  # The sanitizer knows no fences; Asio's queues are guarded by locks as well.
  target_compile_definitions(lib_beast INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
stepback_library(sqlite ARCHIVES SQLiteCpp sqlite3 LINK Threads::Threads dl m)
stepback_library(yaml ARCHIVES yaml-cpp)
stepback_library(valijson DEFINE VALIJSON_USE_EXCEPTIONS=1)
stepback_library(xml ARCHIVES pugixml)
stepback_library(cli11)
