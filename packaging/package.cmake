# What `cmake --install` brings besides the program and the core: completions, colours for editors, and the
# documents; and the Debian package (`cpack -G DEB` in the build's folder).

set(share "${CMAKE_INSTALL_DATADIR}")
set(here "${CMAKE_CURRENT_LIST_DIR}")
install(FILES "${here}/completion/wsproof.bash" DESTINATION "${share}/bash-completion/completions"
  RENAME wsproof COMPONENT wsproof)
install(FILES "${here}/completion/_wsproof" DESTINATION "${share}/zsh/site-functions" COMPONENT wsproof)
install(DIRECTORY "${here}/vim/" DESTINATION "${share}/vim/vimfiles" COMPONENT wsproof)
install(FILES "${here}/textmate/wst.tmLanguage.json" DESTINATION "${share}/wsproof" COMPONENT wsproof)
install(FILES README.md CHANGELOG.md docs/ci.md docs/notation.md docs/walk.md DESTINATION "${CMAKE_INSTALL_DOCDIR}"
  COMPONENT wsproof)
install(DIRECTORY docs/ci DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT wsproof)

# Debian's zsh looks elsewhere, and its packages name their licence.
install(FILES "${here}/completion/_wsproof" DESTINATION "${share}/zsh/vendor-completions"
  COMPONENT debian EXCLUDE_FROM_ALL)
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright COMPONENT debian EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME wsproof)
set(CPACK_PACKAGE_VENDOR "the wsproof authors")
set(CPACK_PACKAGE_CONTACT "the wsproof authors <wsproof@wsproof.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_COMPONENTS_ALL wsproof debian)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_FILE_NAME "wsproof_${PROJECT_VERSION}")
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
