/** The `user-agent` of requests. A test compares it with the package's version. */
export const USER_AGENT = 'model-canary/0.1.0'
