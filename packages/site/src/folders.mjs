import { fileURLToPath } from 'node:url'

const folder = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The whole repository. */
export const ROOT = folder('../../../')

/** The pages as the site has them: copied, with the reference. They are written before each build. */
export const PAGES = folder('../.pages/')

/** The site that is built. */
export const SITE = folder('../../../.site/')

/** Where the settings of VitePress are. */
export const SETTINGS = folder('../')
