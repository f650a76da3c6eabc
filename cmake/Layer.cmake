# SPDX-License-Identifier: GPL-2.0-or-later
# add_layer(NAME SOURCES... [USES libraries...]): the static library cachefiles_NAME from the
# sources of the current folder. The folder is the layer; USES names what it may build on.
function(add_layer name)
    cmake_parse_arguments(LAYER "" "" "SOURCES;USES" ${ARGN})
    if(LAYER_SOURCES)
        add_library(cachefiles_${name} STATIC ${LAYER_SOURCES})
        target_link_libraries(cachefiles_${name} PUBLIC standard ${LAYER_USES})
    else()
        add_library(cachefiles_${name} INTERFACE)
        target_link_libraries(cachefiles_${name} INTERFACE standard ${LAYER_USES})
    endif()
endfunction()

# add_unit_test(AREA SOURCES... [USES libraries...]): the doctest program AREA_test, one ctest each.
function(add_unit_test area)
    cmake_parse_arguments(UNIT "" "" "SOURCES;USES" ${ARGN})
    add_executable(${area}_test ${UNIT_SOURCES})
    target_link_libraries(${area}_test PRIVATE unit_test_main ${UNIT_USES})
    add_test(NAME unit/${area} COMMAND ${area}_test)
    set_tests_properties(unit/${area} PROPERTIES LABELS unit)
endfunction()

# add_fuzz_target(NAME SOURCE USES...): with CACHEFILESD_FUZZ a libFuzzer program; otherwise a
# program that replays tests/fuzz/corpus/NAME, as part of the normal tests.
function(add_fuzz_target name source)
    add_executable(fuzz_${name} ${source})
    target_link_libraries(fuzz_${name} PRIVATE standard ${ARGN})
    if(CACHEFILESD_FUZZ)
        target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        target_link_libraries(fuzz_${name} PRIVATE fuzz_replay_main)
        add_test(NAME fuzz/${name}
            COMMAND fuzz_${name} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
        set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz)
    endif()
endfunction()
