import { fileURLToPath } from 'node:url'

const folder = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The whole repository. */
export const ROOT = folder('../../../')

/** The pages as the site has them: copied, with the reference. They are written before each build. */
export const PAGES = folder('../.pages/')

/** The site that is built. */
export const SITE = folder('../../../.site/')

/** The path below which a server has the site. */
export const BASE = process.env.SITE_BASE ?? '/'

/** Where the settings of VitePress are. */
export const SETTINGS = folder('../')
