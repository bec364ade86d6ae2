/** The version of this library. A test compares it with the package's version. */
export const LIBRARY_VERSION = '0.1.0'
