# SPDX-License-Identifier: GPL-2.0-or-later
# The interface target `standard`: what every target of ours is compiled with.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(CACHEFILESD_SANITIZE "" CACHE STRING "sanitizers, as for -fsanitize=")

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(standard INTERFACE)
target_include_directories(standard INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_definitions(standard INTERFACE _FILE_OFFSET_BITS=64
    CACHEFILESD_VERSION="${PROJECT_VERSION}")
target_compile_options(standard INTERFACE
    -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion -Wold-style-cast
    -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough)

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # At -O3 g++ 12 takes libstdc++'s own "literal" + std::string for an overlap (GCC bug 105651).
    target_compile_options(standard INTERFACE -Wno-restrict)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # libstdc++'s own std::stable_sort uses what it has marked as deprecated; g++ says so for system headers only.
    target_compile_options(standard INTERFACE -Wno-deprecated-declarations)
endif()

if(CACHEFILESD_FUZZ) # coverage of the libraries under a target, too: without it the fuzzer is blind
    target_compile_options(standard INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(CACHEFILESD_SANITIZE)
    target_compile_options(standard INTERFACE
        -fsanitize=${CACHEFILESD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(standard INTERFACE -fsanitize=${CACHEFILESD_SANITIZE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # g++ 12 reports maybe-uninitialized inside libstdc++ once ASan has rewritten the code.
        target_compile_options(standard INTERFACE -Wno-maybe-uninitialized)
    endif()
endif()
