import { LIBRARY_VERSION } from '../foundation/library-version.js'

/** The `user-agent` of requests. */
export const USER_AGENT = `model-canary/${LIBRARY_VERSION}`
