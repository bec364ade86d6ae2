/** The user name and the password of a URL: all up to the last `@` before its path. */
const USER_INFO = /\/\/[^\s/]*@/g

/** Returns a text in which no URL has a user name or a password: `redis://***@cache:6379`. */
export function withoutCredentials(text: string): string {
  return text.includes('@') ? text.replace(USER_INFO, '//***@') : text
}
