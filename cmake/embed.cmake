# stepback_embed(TARGET FILE SYMBOL)
# Makes FILE's bytes a constant of the program: `std::string_view stepback::SYMBOL()`, to be
# declared by whoever wants it. Made anew whenever the file changes. Run as a script it writes one.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ ${FILE} bytes HEX)
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  file(WRITE ${OUTPUT} "#include <string_view>\n\nnamespace stepback {\nnamespace {\n"
    "constexpr unsigned char bytes[] = {\n${bytes}0};\n}  // namespace\n\n"
    "std::string_view ${SYMBOL}();\nstd::string_view ${SYMBOL}() {\n"
    "  return {reinterpret_cast<const char*>(bytes), sizeof(bytes) - 1};\n}\n"
    "}  // namespace stepback\n")
  return()
endif()

set(STEPBACK_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(stepback_embed target file symbol)
  if(NOT TARGET ${target})
    return()
  endif()
  set(output ${CMAKE_BINARY_DIR}/embedded/${symbol}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DFILE=${file} -DOUTPUT=${output} -DSYMBOL=${symbol}
            -P ${STEPBACK_EMBED_SCRIPT}
    DEPENDS ${file} ${STEPBACK_EMBED_SCRIPT}
    COMMENT "Embedding ${symbol}")
  target_sources(${target} PRIVATE ${output})
endfunction()
