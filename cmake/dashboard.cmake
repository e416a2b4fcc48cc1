# The pages in web/ as a part of the program: a source that defines dashboard_assets(). It is made
# by scripts/dashboard, once for all presets, and anew when something in web/ changed. Tests are
# built without it, and so is the program where there is no node.
option(STEPBACK_DASHBOARD "make the dashboard in web/ a part of the program" OFF)

function(stepback_dashboard target)
  set(none ${CMAKE_SOURCE_DIR}/cmake/no_dashboard.cpp)
  if(NOT STEPBACK_DASHBOARD)
    target_sources(${target} PRIVATE ${none})
    return()
  endif()
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
  set(script ${CMAKE_SOURCE_DIR}/scripts/dashboard)
  set(output ${CMAKE_BINARY_DIR}/embedded/dashboard.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${script} ${output}
    DEPENDS ${inputs} ${script} ${none} ${CMAKE_SOURCE_DIR}/web/build.mjs
            ${CMAKE_SOURCE_DIR}/web/package-lock.json
    COMMENT "Embedding the dashboard")
  target_sources(${target} PRIVATE ${output})
endfunction()
