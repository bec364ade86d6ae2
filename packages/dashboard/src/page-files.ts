/** Set by the build: the files of the page, by their paths. */
declare const FILES_OF_THE_PAGE: Readonly<Record<string, string>>

/** The files of the page, by their paths; `index.html` is the page itself. */
export const pageFiles: ReadonlyMap<string, string> = /* @__PURE__ */ new Map(Object.entries(FILES_OF_THE_PAGE))
