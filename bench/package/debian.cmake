# Before cpack closes the package: what Debian wants in another form or place than `cmake --install` has it.
set(usr ${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX})
set(doc ${usr}/share/doc/${CPACK_PACKAGE_NAME})

file(GLOB_RECURSE pages ${usr}/share/man/*.1)
execute_process(COMMAND gzip -9n ${pages} COMMAND_ERROR_IS_FATAL ANY)

# Debian's zsh reads completions of packages from there.
file(RENAME ${usr}/share/zsh/site-functions ${usr}/share/zsh/vendor-completions)

file(READ ${doc}/LICENSE license)
file(REMOVE ${doc}/LICENSE)
file(WRITE ${doc}/copyright
"${license}
usr/share/hinge/digits.csv.gz has another licence: it is the test set of \"Optical Recognition of Handwritten
Digits\" by E. Alpaydin and C. Kaynak, 1998, of the UCI Machine Learning Repository, under the Creative Commons
Attribution 4.0 International licence, https://creativecommons.org/licenses/by/4.0/legalcode.
")
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog
"${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * Packaged by cpack.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
execute_process(COMMAND gzip -9n ${doc}/changelog COMMAND_ERROR_IS_FATAL ANY)
