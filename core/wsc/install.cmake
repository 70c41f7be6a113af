# What others get of the core: headers, library, CMake package `wsc` (wsc::wsc), wsc.pc, wsc(3).
# All paths are relative to where the files lie, so `cmake --install … --prefix` may choose the place.
include(CMakePackageConfigHelpers)

set(wsc_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/wsc")
get_target_property(uses wsc LINK_LIBRARIES)
set(wsc_finds "find_dependency(OpenSSL)")
set(wsc_requires "libcrypto")
if("ZLIB::ZLIB" IN_LIST uses)
  string(APPEND wsc_finds "\nfind_dependency(ZLIB)")
  string(APPEND wsc_requires ", zlib")
endif()

configure_package_config_file(wsc-config.cmake.in "${CMAKE_CURRENT_BINARY_DIR}/wsc-config.cmake"
  INSTALL_DESTINATION "${wsc_cmake_dir}")
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/wsc-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH wsc_prefix_from_pc
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file(wsc.pc.in "${CMAKE_CURRENT_BINARY_DIR}/wsc.pc" @ONLY)

install(TARGETS wsc EXPORT wsc ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT wsc)
install(EXPORT wsc NAMESPACE wsc:: FILE wsc-targets.cmake
  DESTINATION "${wsc_cmake_dir}" COMPONENT wsc)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/wsc-config.cmake"
  "${CMAKE_CURRENT_BINARY_DIR}/wsc-config-version.cmake"
  DESTINATION "${wsc_cmake_dir}" COMPONENT wsc)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/wsc.pc"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT wsc)
install(DIRECTORY include/wsc DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT wsc)
install(FILES wsc.3 DESTINATION "${CMAKE_INSTALL_MANDIR}/man3" COMPONENT wsc)
