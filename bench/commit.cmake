# Writes OUT with the commit of SOURCE, "+dirty" where the tree differs from it, and its date, or today's without git.
cmake_minimum_required(VERSION 3.25)
set(commit unknown)
string(TIMESTAMP date "%Y-%m-%d" UTC)
find_package(Git QUIET)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} describe --always --dirty=+dirty --abbrev=12
                  OUTPUT_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE code)
  if(code EQUAL 0)
    set(commit ${said})
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} log -1 --format=%cs
                    OUTPUT_VARIABLE date OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT
     "#define HINGE_COMMIT \"@commit@\"\n#define HINGE_DATE \"@date@\"\n" @ONLY)
