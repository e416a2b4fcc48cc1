# Puts the numbered migrations in src/adapters/sqlite/schema into the program, in their order, as
# the table that schema.hpp declares.
function(stepback_embed_schema target folder)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*.sql)
  list(SORT files)
  set(entries "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"sql(${text})sql\"},\n")
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/${target}_schema.cpp)
  file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
"// Made from schema/*.sql by cmake/embed_schema.cmake.
#include \"adapters/sqlite/schema.hpp\"

namespace stepback::sqlite {

std::span<const Migration> migrations() {
  static constexpr Migration all[] = {
@entries@  };
  return all;
}

}  // namespace stepback::sqlite
")
  target_sources(${target} PRIVATE ${generated})
endfunction()
